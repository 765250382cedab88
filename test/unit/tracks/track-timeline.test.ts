import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { Track } from '../../../src/tracks/track.ts'
import type { TrackFile } from '../../../src/tracks/file-queue.ts'
import { audioSpecificConfig, parseAudioSpecificConfig, silentFrame } from '../../../src/media/aac.ts'
import type { AudioConfig } from '../../../src/media/audio-config.ts'
import { scanMp4 } from '../../../src/media/mp4-reader.ts'
import { fragmentLayout } from '../../../src/media/fragment-layout.ts'
import { FragmentBuffers } from '../../../src/media/mp4-writer.ts'
import type { TrackSummary } from '../../../src/media/track-summary.ts'

const beganMs = 1_767_225_600_000

/** What may happen to a source, one after the other. (A leap back by just the length of a mute would look like a stall: nobody could tell.) */
const happenings = fc.array(fc.oneof(
  fc.record({ kind: fc.constant('talk' as const), frames: fc.integer({ min: 1, max: 120 }) }),
  fc.record({ kind: fc.constant('mute' as const), ms: fc.integer({ min: 1, max: 20_000 }) }),
  fc.record({ kind: fc.constant('stall' as const), ms: fc.integer({ min: 100, max: 8000 }) }),
  fc.record({ kind: fc.constant('reconnect' as const), ms: fc.integer({ min: 0, max: 30_000 }), timestampMs: fc.constantFrom(0, 1, 2 ** 32 - 500, 123_456_789) }),
  fc.record({ kind: fc.constant('leap' as const), ms: fc.constantFrom(-(2 ** 31), -3_600_000, 2500, 40_000, 2 ** 30) })
), { minLength: 1, maxLength: 25 })
type Happening = typeof happenings extends fc.Arbitrary<(infer One)[]> ? One : never

const configs = fc.constantFrom([48_000, 1] as const, [44_100, 2] as const, [16_000, 1] as const)
  .map(([sampleRate, channels]) => parseAudioSpecificConfig(audioSpecificConfig(sampleRate, channels)))

/** A file in memory. */
class MemoryFile implements TrackFile {
  readonly chunks: Uint8Array[] = []
  async append (bytes: Uint8Array): Promise<void> { this.chunks.push(Uint8Array.from(bytes)) }
  async patch (): Promise<void> { return undefined }
  async addGap (): Promise<void> { return undefined }
  async addTrim (): Promise<void> { return undefined }
  async finish (): Promise<void> { return undefined }
  async close (): Promise<void> { return undefined }
}

interface Played {
  /** When each frame was really spoken, by its number. */
  spokenMs: number[]
  summary: TrackSummary
  /** The frames of the file: their number, or undefined for silence. */
  frames: (number | undefined)[]
  config: AudioConfig
}

/** @param delayOf extra time on the network, by frame */
async function live (config: AudioConfig, events: readonly Happening[], fillGaps: boolean, delayOf: (frame: number) => number): Promise<Played> {
  const file = new MemoryFile()
  const fail = (error: Error): never => { throw error }
  const track = new Track({ fillGaps, buffers: new FragmentBuffers(), openFile: async () => file, onFailure: fail })
  track.configure(config)
  const frameMs = config.frameSamples * 1000 / config.sampleRate
  const spokenMs: number[] = []
  let nowMs = 0
  let clockMs = 2 ** 32 - 1000
  let heldUntilMs = 0
  const speak = (): void => {
    const frame = Buffer.alloc(5)
    frame.writeUInt32BE(spokenMs.push(nowMs), 1)
    const arrivalMs = Math.max(nowMs, heldUntilMs) + delayOf(spokenMs.length)
    track.write(frame, 0, frame.length, Math.round(nowMs + clockMs) >>> 0, Math.round(beganMs + arrivalMs))
    nowMs += frameMs
  }
  for (const event of [{ kind: 'talk' as const, frames: 2 }, ...events, { kind: 'talk' as const, frames: 1 }]) {
    switch (event.kind) {
      case 'talk':
        for (let i = 0; i < event.frames; i++) speak()
        break
      case 'mute': nowMs += event.ms; break
      case 'stall': heldUntilMs = Math.max(heldUntilMs, nowMs + event.ms); break
      case 'reconnect':
        track.end('disconnected')
        nowMs += event.ms
        clockMs = event.timestampMs - nowMs
        heldUntilMs = 0
        speak() // the packet that anchors is on time; if it were late, nobody could know
        break
      case 'leap':
        nowMs = Math.max(nowMs, heldUntilMs)
        clockMs += event.ms
        speak()
        break
      default: event satisfies never
    }
    await new Promise((resolve) => { setImmediate(resolve) }) // the disk gets its turn
  }
  const [summary] = await track.close()
  return { spokenMs, summary: summary!, frames: await framesOf(Buffer.concat(file.chunks), silentFrame(config)), config }
}

async function framesOf (bytes: Buffer, silence: Uint8Array): Promise<(number | undefined)[]> {
  const scan = await scanMp4(async (offset, length) => bytes.subarray(offset, offset + length))
  assert.equal(scan?.wholeBytes, bytes.length)
  const found: (number | undefined)[] = []
  for (let at = bytes.indexOf('moof') - 4; at < bytes.length;) {
    const count = bytes.readUInt32BE(at + fragmentLayout.frameCount)
    let data = at + fragmentLayout.headBytes(count)
    for (let i = 0; i < count; i++) {
      const size = bytes.readUInt32BE(at + fragmentLayout.sizes + i * 4)
      const frame = bytes.subarray(data, data + size)
      found.push(frame.equals(silence) ? undefined : frame.readUInt32BE(1) - 1)
      data += size
    }
    at = data
  }
  return found
}

/** By how much each spoken frame lies off its own time in the file, ms; positive is late. */
function errors ({ spokenMs, frames, config }: Played): number[] {
  return frames.flatMap((frame, index) => frame === undefined ? [] : [index * config.frameSamples * 1000 / config.sampleRate - (spokenMs[frame] ?? NaN)])
}

test('file time is room time to a frame after any mutes, stalls, reconnects, wraps and leaps, and every frame is kept', async () => {
  await fc.assert(fc.asyncProperty(configs, happenings, async (config, events) => {
    const played = await live(config, events, true, () => 0)

    const frameMs = config.frameSamples * 1000 / config.sampleRate
    for (const [index, error] of errors(played).entries()) assert.ok(Math.abs(error) <= frameMs + 2, `frame ${index} lies ${error} ms off`)
    const spoken = played.frames.filter((frame) => frame !== undefined)
    assert.deepEqual(spoken, played.spokenMs.map((_, index) => index))
    assert.equal(played.frames.length, played.summary.frames)
    assert.notEqual(played.frames.at(-1), undefined, 'no silence at the end')
  }), { numRuns: 150 })
})

test('a network that delays every packet differently never puts a track further off than its longest delay', async () => {
  const delays = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 50 })
  await fc.assert(fc.asyncProperty(configs, happenings, delays, async (config, events, delaysMs) => {
    const played = await live(config, events, true, (frame) => delaysMs[frame % delaysMs.length] ?? 0)

    const frameMs = config.frameSamples * 1000 / config.sampleRate
    for (const [index, error] of errors(played).entries()) assert.ok(Math.abs(error) <= 100 + frameMs + 2, `frame ${index} lies ${error} ms off`)
    assert.equal(played.frames.filter((frame) => frame !== undefined).length, played.spokenMs.length)
  }), { numRuns: 150 })
})

test('without filling, the file and its gaps together are the room\'s time, and gaps never overlap', async () => {
  await fc.assert(fc.asyncProperty(configs, happenings, async (config, events) => {
    const { summary, frames, spokenMs } = await live(config, events, false, () => 0)

    const frameMs = config.frameSamples * 1000 / config.sampleRate
    assert.ok(frames.every((frame, index) => frame === index))
    assert.equal(summary.endMs - summary.startMs, Math.round(frames.length * frameMs + summary.gapMs))
    assert.ok(Math.abs(summary.endMs - beganMs - frameMs - spokenMs.at(-1)!) <= frameMs + 2)
    let lastEndMs = summary.startMs
    for (const gap of summary.gaps) {
      assert.ok(gap.startMs >= lastEndMs && gap.endMs > gap.startMs)
      const frameBeforeMs = beganMs + spokenMs[gap.atFrame - 1]! + frameMs
      assert.ok(Math.abs(gap.startMs - frameBeforeMs) <= frameMs + 2 && Math.abs(gap.endMs - beganMs - spokenMs[gap.atFrame]!) <= frameMs + 2)
      lastEndMs = gap.endMs
    }
  }), { numRuns: 150 })
})

test('what strangers send as time leads to a file, never to a throw', async () => {
  const packets = fc.array(fc.tuple(fc.nat({ max: 2 ** 32 - 1 }), fc.integer({ min: -5000, max: 100_000 }), fc.boolean()), { maxLength: 60 })
  await fc.assert(fc.asyncProperty(packets, async (sent) => {
    const file = new MemoryFile()
    const fail = (error: Error): never => { throw error }
    const track = new Track({ fillGaps: true, buffers: new FragmentBuffers(), openFile: async () => file, onFailure: fail })
    track.configure(parseAudioSpecificConfig(audioSpecificConfig(48_000, 1)))
    let arrivalMs = beganMs
    for (const [timestampMs, stepMs, ends] of sent) {
      arrivalMs += stepMs
      if (ends) track.end('disconnected')
      track.write(Buffer.of(1, 2, 3), 0, 3, timestampMs, arrivalMs)
    }
    const summaries = await track.close()
    assert.equal(summaries.length, sent.length === 0 ? 0 : 1)
  }), { numRuns: 200 })
})

test('a source that makes holes all the time is recorded, but not every hole is listed', async () => {
  const file = new MemoryFile()
  const fail = (error: Error): never => { throw error }
  const track = new Track({ fillGaps: true, buffers: new FragmentBuffers(), openFile: async () => file, onFailure: fail })
  track.configure(parseAudioSpecificConfig(audioSpecificConfig(48_000, 1)))

  for (let i = 0; i < 25_000; i++) {
    track.write(Buffer.of(1, 2, 3), 0, 3, i * 100, beganMs + i * 100)
    if (i % 20 === 0) await new Promise((resolve) => { setImmediate(resolve) }) // the disk gets its turn
  }
  const [summary] = await track.close()

  assert.equal(summary?.gaps.length, 20_000)
  const filled = summary.gaps.reduce((sum, { startMs, endMs }) => sum + Math.round((endMs - startMs) * 48 / 1024), 0)
  assert.equal(summary.frames, 25_000 + filled)
})
