import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { Track } from '../../../src/tracks/track.ts'
import type { TrackFile } from '../../../src/tracks/file-queue.ts'
import { audioSpecificConfig, parseAudioSpecificConfig, silentFrame } from '../../../src/media/aac.ts'
import type { AudioConfig } from '../../../src/media/audio-config.ts'
import { FragmentBuffers } from '../../../src/media/mp4-writer.ts'
import { framesOfRun } from '../../../src/media/segment-file.ts'
import { scanSegments } from '../../../src/media/segment-scan.ts'
import { FrameCells, type Segment } from '../../../src/media/segments.ts'
import type { Gap, Trim } from '../../../src/media/track-summary.ts'

const epochMs = 1_767_225_600_123
const configs = ([[48_000, 1], [44_100, 2], [16_000, 1]] as const)
  .map(([sampleRate, channels]) => parseAudioSpecificConfig(audioSpecificConfig(sampleRate, channels)))

/** A file of a track in memory. */
class MemoryFile implements TrackFile {
  readonly fileNumber: number
  readonly startMs: number
  readonly gaps: Gap[] = []
  bytes = Buffer.alloc(0)
  /** Frames that were left out. */
  trimmed = 0

  constructor ({ fileNumber, startMs }: { fileNumber: number, startMs: number }) {
    this.fileNumber = fileNumber
    this.startMs = startMs
  }

  async append (bytes: Uint8Array): Promise<void> { this.bytes = Buffer.concat([this.bytes, bytes]) }
  async patch (): Promise<void> { return undefined }
  async addGap (gap: Gap): Promise<void> { this.gaps.push(gap) }
  async addTrim ({ frames }: Trim): Promise<void> { this.trimmed += frames }
  async finish (): Promise<void> { return undefined }
  async close (): Promise<void> { return undefined }
}

const happenings = fc.array(fc.oneof(
  fc.record({ kind: fc.constant('talk' as const), frames: fc.integer({ min: 1, max: 400 }) }),
  fc.record({ kind: fc.constant('mute' as const), ms: fc.integer({ min: 1, max: 30_000 }) }),
  fc.record({ kind: fc.constant('stall' as const), ms: fc.integer({ min: 100, max: 8000 }) }),
  fc.record({ kind: fc.constant('reconnect' as const), ms: fc.integer({ min: 0, max: 30_000 }) }),
  fc.record({ kind: fc.constant('encoding' as const), config: fc.nat({ max: configs.length - 1 }) })
), { minLength: 1, maxLength: 20 })
type Happening = typeof happenings extends fc.Arbitrary<(infer One)[]> ? One : never

interface Played {
  files: MemoryFile[]
  /** As they were told of, and how many bytes of their file were written by then. */
  live: Array<{ segment: Segment, writtenBytes: number }>
  spoken: number
}

async function play (events: readonly Happening[], { seconds, fillGaps, startMs }: { seconds: number, fillGaps: boolean, startMs: number }): Promise<Played> {
  const files: MemoryFile[] = []
  const live: Played['live'] = []
  const track = new Track({
    fillGaps,
    buffers: new FragmentBuffers(),
    openFile: async (start) => {
      const file = new MemoryFile(start)
      files.push(file)
      return file
    },
    segments: { grid: { seconds, epochMs }, onSegment: (segment) => { live.push({ segment, writtenBytes: files[segment.fileNumber - 1]!.bytes.length }) } },
    onFailure: (error) => { throw error }
  })
  let config = configs[0]!
  let nowMs = startMs
  let heldUntilMs = 0
  let spoken = 0
  let tickMs = startMs
  const speak = (): void => {
    const arrivalMs = Math.max(nowMs, heldUntilMs)
    for (; tickMs < arrivalMs; tickMs += 250) track.tick(tickMs)
    const frame = Buffer.alloc(5)
    frame.writeUInt32BE(spoken++, 1)
    track.write(frame, 0, frame.length, Math.round(nowMs) >>> 0, Math.round(arrivalMs))
    nowMs += config.frameSamples * 1000 / config.sampleRate
  }
  track.configure(config)
  for (const event of [{ kind: 'talk' as const, frames: 2 }, ...events, { kind: 'talk' as const, frames: 1 }]) {
    switch (event.kind) {
      case 'talk': for (let i = 0; i < event.frames; i++) speak(); break
      case 'mute': nowMs += event.ms; break
      case 'stall': heldUntilMs = nowMs + event.ms; break
      case 'reconnect':
        track.end('disconnected')
        nowMs = Math.max(nowMs, heldUntilMs) + event.ms
        speak()
        break
      case 'encoding':
        config = configs[event.config]!
        track.configure(config)
        break
      default: event satisfies never
    }
    await new Promise((resolve) => { setImmediate(resolve) }) // the disk gets its turn
  }
  await track.close()
  return { files, live, spoken }
}

async function derive (files: readonly MemoryFile[], fillGaps: boolean): Promise<Array<Segment & { config: AudioConfig }>> {
  let seq = 0
  const found: Array<Segment & { config: AudioConfig }> = []
  for (const { fileNumber, startMs, gaps, bytes } of files) {
    const segments: Segment[] = []
    const config = await scanSegments(async (offset, length) => bytes.subarray(offset, offset + length),
      { fileNumber, startMs, fillGaps, gaps, nextSeq: () => ++seq }, (segment) => segments.push(segment))
    found.push(...segments.map((segment) => ({ ...segment, config: config! })))
  }
  return found
}

function framesOf ({ bytes }: MemoryFile, { byteStart, byteEnd }: Segment): Buffer[] {
  return [...framesOfRun(bytes.subarray(byteStart, byteEnd))]
}

const grids = fc.record({
  seconds: fc.integer({ min: 2, max: 12 }),
  fillGaps: fc.boolean(),
  startMs: fc.integer({ min: epochMs, max: epochMs + 20_000 })
})

test('segments of any track are numbered without holes, hold every frame once but for listed trims, and were on the disk when they were told of', async () => {
  await fc.assert(fc.asyncProperty(happenings, grids, async (events, options) => {
    const { files, live, spoken } = await play(events, options)

    assert.deepEqual(live.map(({ segment }) => segment.seq), live.map((_, index) => index + 1))
    const numbers: number[] = []
    for (const file of files) {
      const own = live.map(({ segment }) => segment).filter((segment) => segment.fileNumber === file.fileNumber)
      let frame = 0
      let byte = own[0]!.byteStart
      for (const segment of own) {
        assert.deepEqual([segment.firstFrame, segment.byteStart], [frame, byte])
        const frames = framesOf(file, segment)
        assert.equal(frames.length, segment.frames)
        frame += segment.frames
        byte = segment.byteEnd
        numbers.push(...frames.filter((each) => each.length === 5).map((each) => each.readUInt32BE(1)))
      }
      assert.equal(byte, file.bytes.length)
    }
    const trimmed = files.reduce((sum, file) => sum + file.trimmed, 0)
    assert.ok(numbers.every((number, index) => index === 0 || number > numbers[index - 1]!), 'in their order, none twice')
    assert.equal(numbers.length, spoken - trimmed, 'none is missing that is not told of')
    for (const { segment, writtenBytes } of live) assert.ok(segment.byteEnd <= writtenBytes)
  }), {
    numRuns: 150,
    // the last frame begins before the one of another encoding has ended
    examples: [[
      [{ kind: 'encoding', config: 2 }, { kind: 'talk', frames: 1 }, { kind: 'reconnect', ms: 25_440 }, { kind: 'encoding', config: 0 }],
      { seconds: 2, fillGaps: true, startMs: 1_767_225_600_123 }
    ]]
  })
})

test('what is derived from the files is what was told of live', async () => {
  await fc.assert(fc.asyncProperty(happenings, grids, async (events, options) => {
    const { files, live } = await play(events, options)

    const derived = await derive(files, options.fillGaps)

    assert.deepEqual(derived.map(({ config, ...segment }) => segment), live.map(({ segment }) => segment))
  }), { numRuns: 150 })
})

test('a file cut short at any fragment gives the same segments up to there', async () => {
  await fc.assert(fc.asyncProperty(happenings, grids, fc.double({ min: 0, max: 1, noNaN: true }), async (events, options, keep) => {
    const { files, live } = await play(events, options)
    const [first] = files
    first!.bytes = first!.bytes.subarray(0, Math.floor(first!.bytes.length * keep))

    const derived = (await derive([first!], options.fillGaps)).map(({ config, ...segment }) => segment)

    for (const [index, segment] of derived.slice(0, -1).entries()) assert.deepEqual(segment, live[index]!.segment)
    const last = derived.at(-1)
    if (last === undefined) return
    const whole = live[derived.length - 1]!.segment
    assert.deepEqual([last.seq, last.startMs, last.byteStart], [whole.seq, whole.startMs, whole.byteStart])
  }), { numRuns: 80 })
})

test('every segment lies in one cell of the grid, or is silence over whole cells; each frame in the cell that its start lies in', async () => {
  await fc.assert(fc.asyncProperty(happenings, grids, async (events, options) => {
    const { files } = await play(events, options)
    const cellMs = options.seconds * 1000
    const derived = await derive(files, options.fillGaps)

    for (const [index, { config, ...segment }] of derived.entries()) {
      const frameMs = config.frameSamples * 1000 / config.sampleRate
      const cell = Math.floor((segment.startMs - epochMs) / cellMs)
      const nextCellMs = epochMs + (cell + 1) * cellMs
      const frames = framesOf(files[segment.fileNumber - 1]!, segment)
      const isSilence = frames.every((frame) => frame.equals(silentFrame(config)))
      const lastStartMs = segment.endMs - frameMs
      if (!isSilence) assert.ok(lastStartMs < nextCellMs + 1, `segment ${segment.seq} of ${options.seconds} s goes on for ${lastStartMs - nextCellMs} ms`)
      if (isSilence && options.fillGaps) assert.ok(Math.abs(segment.gapMs - segment.durationMs) <= frameMs + 2)
      assert.ok(segment.gapMs <= segment.endMs - segment.startMs)
      const before = derived[index - 1]
      if (options.fillGaps && before?.fileNumber === segment.fileNumber) assert.equal(segment.startMs, before.endMs)
    }
  }), { numRuns: 100 })
})

test('a cell boundary between two frames, and one right at the start of a frame, are told apart without rounding', () => {
  // 44.1 kHz: frame n starts at n × 23.219… ms, never on a whole millisecond but every 441st
  const config = { sampleRate: 44_100, frameSamples: 1024 }
  const cells = new FrameCells({ seconds: 2, epochMs }, config, epochMs)

  fc.assert(fc.property(fc.nat({ max: 4_000_000 }), (frame) => {
    const cell = cells.cellOf(frame)
    const exact = BigInt(frame) * 1024n * 1000n / (2000n * 44_100n)
    assert.equal(BigInt(cell), exact)
    assert.ok(cells.firstFrameOf(cell) <= frame && cells.firstFrameOf(cell + 1) > frame)
    assert.equal(cells.cellOf(cells.firstFrameOf(cell + 1)), cell + 1)
  }))
  // 48 kHz: 1500 frames are 32 s to the sample
  const even = new FrameCells({ seconds: 2, epochMs }, { sampleRate: 48_000, frameSamples: 1024 }, epochMs)
  assert.deepEqual([even.cellOf(1499), even.cellOf(1500), even.firstFrameOf(16)], [15, 16, 1500])
})

test('tracks that begin at different times are cut at the same moments', async () => {
  const talk = [{ kind: 'talk' as const, frames: 500 }]
  const starts = [epochMs, epochMs + 700, epochMs + 1999]

  const played = await Promise.all(starts.map((startMs) => play(talk, { seconds: 2, fillGaps: true, startMs })))

  for (const { live } of played) {
    for (const { segment } of live.slice(1)) {
      const offMs = (segment.startMs - epochMs) % 2000
      assert.ok(offMs < 1024 / 48 + 1, `segment ${segment.seq} starts ${offMs} ms after its cell`)
    }
  }
})

test('the last words before a mute are told of once their cell is over, not when the speaker is back', async () => {
  const told: Segment[] = []
  const track = new Track({
    fillGaps: true,
    buffers: new FragmentBuffers(),
    openFile: async (start) => new MemoryFile(start),
    segments: { grid: { seconds: 2, epochMs }, onSegment: (segment) => told.push(segment) },
    onFailure: (error) => { throw error }
  })
  const config = configs[0]!
  const frameMs = 1024 / 48
  track.configure(config)
  for (let i = 0; i < 120; i++) track.write(Buffer.of(1, 2, 3), 0, 3, Math.round(i * frameMs), Math.round(epochMs + i * frameMs)) // 2.56 s
  const tickAt = async (ms: number): Promise<void> => {
    track.tick(epochMs + ms)
    await new Promise((resolve) => { setImmediate(resolve) })
  }

  await tickAt(3_900)
  const before = told.length
  await tickAt(4_000)
  const after = told.length
  for (let i = 0; i < 10; i++) track.write(Buffer.of(1, 2, 3), 0, 3, Math.round(20_500 + i * frameMs), Math.round(epochMs + 20_500 + i * frameMs))
  await track.close()

  assert.deepEqual([before, after], [1, 2])
  assert.equal(told[1]!.endMs, epochMs + 2560)
  // The absence up to the cell in which he is back is one segment, the rest of that cell begins on the grid
  assert.deepEqual(told.map(({ seq, startMs, gapMs }) => [seq, startMs - epochMs, gapMs]), [[1, 0, 0], [2, 2_005, 0], [3, 2_560, 17_451], [4, 20_011, 489]])
})
