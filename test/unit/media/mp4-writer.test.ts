import assert from 'node:assert/strict'
import test from 'node:test'
import { audioSpecificConfig, maxAacFrameBytes, parseAudioSpecificConfig, silentFrame } from '../../../src/media/aac.ts'
import type { AudioConfig } from '../../../src/media/audio-config.ts'
import { FragmentBuffers, Mp4Writer } from '../../../src/media/mp4-writer.ts'
import { scanMp4 } from '../../../src/media/mp4-reader.ts'
import { loadClip, secondOfTone, toneClips, type ToneClip } from '../../../src/sandbox/audio/clips.ts'
import { listen, peakBetween, tonesHeard } from '../../helpers/listen.ts'
import { packetsIn } from '../../helpers/packets.ts'

/** Writes a file into memory, as a track would to the disk. */
class MemoryFile {
  readonly writer: Mp4Writer
  readonly fragments: Buffer[] = []
  readonly #buffers = new FragmentBuffers()

  constructor (config: AudioConfig) {
    this.writer = new Mp4Writer(config, this.#buffers)
  }

  add (frames: readonly Uint8Array[]): this {
    for (const frame of frames) {
      if (!this.writer.fits(frame.length)) this.#flush()
      this.writer.add(frame, 0, frame.length)
    }
    this.#flush()
    return this
  }

  silence (frames: number): this {
    for (const chunk of this.writer.silence(frames)) this.fragments.push(Buffer.from(chunk))
    return this
  }

  bytes (): Buffer {
    const bytes = Buffer.concat([this.writer.header, ...this.fragments])
    const patch = this.writer.durationPatch()
    bytes.set(patch.bytes, patch.offset)
    return bytes
  }

  #flush (): void {
    const fragment = this.writer.takeFragment()
    if (fragment === undefined) return
    this.fragments.push(Buffer.from(fragment))
    this.#buffers.give(fragment)
  }
}

const scan = async (file: Buffer) => scanMp4(async (offset, length) => file.subarray(offset, offset + length))

for (const [name, frequency] of Object.entries(toneClips)) {
  test(`the ${name} tone is heard second by second where it was put`, async () => {
    const { config, frames } = loadClip(name as ToneClip)

    const heard = await listen(new MemoryFile(config).add(frames).bytes())

    assert.equal(heard.pcm.length, 375 * 1024)
    assert.deepEqual([heard.sampleRate, heard.channels], [48_000, 1])
    assert.ok(Math.abs(heard.durationSeconds - 8) < 0.001, `the container says ${heard.durationSeconds} s`)
    const bursts = tonesHeard(heard)
    assert.deepEqual(bursts.map((burst) => burst.frequency), Array.from({ length: 8 }, () => frequency))
    assert.deepEqual(bursts.map((burst) => secondOfTone.ofLength(burst.lengthMs)), [0, 1, 2, 3, 4, 5, 6, 7])
    // A decoder fades into its first frame, so the first burst may seem 15 ms late
    for (const [second, burst] of bursts.entries()) {
      const lateMs = burst.startMs - 1000 * second
      assert.ok(lateMs >= 0 && lateMs <= (second === 0 ? 15 : 5), `second ${second} starts ${lateMs} ms late`)
      if (second > 0) assert.ok(Math.abs(burst.lengthMs - secondOfTone.lengthMs(second)) <= 6, `second ${second} lasts ${burst.lengthMs} ms`)
    }
  })
}

test('a clip can be played round and round without a click or a shift', async () => {
  const { config, frames } = loadClip('low')

  const heard = await listen(new MemoryFile(config).add(frames).add(frames).bytes())

  const bursts = tonesHeard(heard)
  assert.deepEqual(bursts.map((burst) => secondOfTone.ofLength(burst.lengthMs)), [0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7])
  assert.ok(Math.abs(bursts[8]!.startMs - 8000) <= 5)
  assert.ok(peakBetween(heard, 7850, 7995) < 0.01)
})

test('every frame comes out as it went in, in order and at its time', async () => {
  const { config, frames } = loadClip('agent')

  const packets = await packetsIn(new MemoryFile(config).add(frames).bytes())

  assert.equal(packets.length, frames.length)
  for (const [index, packet] of packets.entries()) {
    assert.ok(packet.data.equals(frames[index]!), `frame ${index} differs`)
    assert.equal(packet.pts, index * 1024)
  }
})

test('fragments last a second at most and the header says the true length', async () => {
  const { config, frames } = loadClip('teacher')
  const file = new MemoryFile(config).add(frames).silence(1000).add(frames)

  const bytes = file.bytes()

  const found = await scan(bytes)
  assert.equal(found?.frames, 2 * frames.length + 1000)
  assert.equal(found.wholeBytes, bytes.length)
  assert.ok(found.fragments >= found.frames / 46)
  assert.equal(bytes.readBigUInt64BE(found.durationPatch.offset), BigInt(found.frames * 1024))
  assert.equal((await packetsIn(bytes)).at(-1)?.pts, (found.frames - 1) * 1024)
})

test('frames too dense for one buffer leave in shorter fragments, none is lost', async () => {
  const config = parseAudioSpecificConfig(audioSpecificConfig(48_000, 2))
  const frames = Array.from({ length: 100 }, (_, index) => Buffer.alloc(index % 7 === 0 ? 8184 : 900, index))
  const file = new MemoryFile(config).add(frames)

  const packets = await packetsIn(file.bytes())

  assert.ok(file.fragments.every((fragment) => fragment.length <= 16 * 1024))
  assert.ok(packets.every((packet, index) => packet.data.equals(frames[index]!)))
  assert.equal(packets.length, 100)
})

test('the longest frame goes behind the longest head there is', async () => {
  const short = audioSpecificConfig(96_000, 1)
  short[1]! |= 4 // frames of 960 samples: of no other AAC does a fragment hold more
  const config = parseAudioSpecificConfig(short)
  const frame = Buffer.alloc(maxAacFrameBytes, 7)
  const file = new MemoryFile(config).add([frame, ...Array.from({ length: 80 }, () => Buffer.of(1))])

  const [longest] = await packetsIn(file.bytes())

  assert.ok(longest?.data.equals(frame))
  assert.equal((await scan(file.bytes()))?.frames, 81)
})

test('silence put between two pieces of audio is silent and keeps the second in its place', async () => {
  const { config, frames } = loadClip('high')

  const heard = await listen(new MemoryFile(config).add(frames.slice(0, 250)).silence(2_000).add(frames).bytes())

  const secondStartMs = (250 + 2_000) * 1024 / 48
  const second = tonesHeard({ ...heard, pcm: heard.pcm.subarray(48 * 5400) })
  assert.ok(peakBetween(heard, 5400, secondStartMs - 1) < 1e-6)
  assert.ok(Math.abs(second[0]!.startMs + 5400 - secondStartMs) < 15)
  assert.equal(heard.pcm.length, (250 + 2_000 + 375) * 1024)
})

const layouts = [
  ...[1, 2, 3, 4, 5, 6, 7].map((channelConfiguration) => ({ sampleRate: 48_000, channelConfiguration })),
  { sampleRate: 44_100, channelConfiguration: 2 },
  { sampleRate: 16_000, channelConfiguration: 1 },
  { sampleRate: 8_000, channelConfiguration: 1 }
]
for (const { sampleRate, channelConfiguration } of layouts) {
  test(`silence at ${sampleRate} Hz in layout ${channelConfiguration} decodes to zeros of the right length`, async () => {
    const config = parseAudioSpecificConfig(audioSpecificConfig(sampleRate, channelConfiguration))

    const heard = await listen(new MemoryFile(config).silence(100).bytes())

    assert.deepEqual([heard.sampleRate, heard.channels, heard.pcm.length], [sampleRate, config.channels, 100 * 1024])
    assert.equal(peakBetween(heard, 0, Infinity), 0)
  })
}

test('silence holds for the short frames of 960 samples', async () => {
  const config = parseAudioSpecificConfig(Uint8Array.of(0x11, 0x8c)) // 48 kHz mono, frameLengthFlag

  const heard = await listen(new MemoryFile(config).silence(100).bytes())

  assert.equal(heard.pcm.length, 100 * 960)
  assert.equal(peakBetween(heard, 0, Infinity), 0)
})

test('silence holds for HE-AAC, which plays at twice the rate of its core', async () => {
  const config = parseAudioSpecificConfig(Uint8Array.of(0x2b, 0x09, 0x88, 0x00)) // SBR to 48 kHz over AAC-LC at 24 kHz, mono

  const heard = await listen(new MemoryFile(config).silence(100).bytes())

  assert.deepEqual([heard.sampleRate, heard.pcm.length], [48_000, 100 * 2048])
  assert.equal(peakBetween(heard, 0, Infinity), 0)
  assert.ok(Math.abs(heard.durationSeconds - 100 * 1024 / 24_000) < 0.001)
})

test('a silent frame is asked for by channels that AAC has', () => {
  assert.equal(silentFrame({ channels: 1 }).length, 4)
  assert.throws(() => silentFrame({ channels: 7 }), { error: 'VALIDATION' })
})
