import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { audioSpecificConfig, parseAudioSpecificConfig } from '../../../src/media/aac.ts'
import type { AudioConfig } from '../../../src/media/audio-config.ts'
import { readAdts } from '../../../src/media/adts.ts'
import { FragmentBuffers, Mp4Writer } from '../../../src/media/mp4-writer.ts'
import { framesOfRun } from '../../../src/media/segment-file.ts'
import { loadClip } from '../../../src/sandbox/audio/clips.ts'
import { adtsBytes } from '../../../src/upload/adts-bytes.ts'
import { openLocalStore } from '../../../src/stores/local-store.ts'
import { putSegment, putTrackFile } from '../../../src/upload/put-audio.ts'
import { byteSourceOf, readBytes } from '../../../src/stores/byte-source.ts'
import { temporaryFolder } from '../../helpers/cos.ts'
import { listen } from '../../helpers/listen.ts'

const clip = loadClip('low')

function fragmentsOf (config: AudioConfig, frames: readonly Uint8Array[]): { header: Buffer, fragments: Buffer[] } {
  const writer = new Mp4Writer(config, new FragmentBuffers())
  const fragments: Buffer[] = []
  for (const frame of frames) {
    if (!writer.fits(frame.length)) fragments.push(Buffer.from(writer.takeFragment()!))
    writer.add(frame, 0, frame.length)
  }
  fragments.push(Buffer.from(writer.takeFragment()!))
  return { header: Buffer.from(writer.header), fragments }
}

async function spooled (t: TestContext, config: AudioConfig, frames: readonly Uint8Array[]) {
  const folder = await temporaryFolder(t)
  const { header, fragments } = fragmentsOf(config, frames)
  const path = join(folder, 'spooled.m4a')
  await writeFile(path, Buffer.concat([header, ...fragments]))
  const directory = join(folder, 'store')
  await mkdir(directory)
  return { path, directory, header, fragments, store: openLocalStore({ kind: 'local', directory, path: '' }) }
}

test('any stretch of a track read as ADTS is that stretch of the stream', async () => {
  const { header, fragments } = fragmentsOf(clip.config, clip.frames)
  const source = await adtsBytes(byteSourceOf(Buffer.concat([header, ...fragments])), clip.config)
  const whole = await readBytes(source, 0, source.bytes)

  assert.deepEqual(readAdts(whole).frames.map((frame) => Buffer.from(frame)), clip.frames.map((frame) => Buffer.from(frame)))
  await fc.assert(fc.asyncProperty(fc.nat({ max: whole.length - 1 }), fc.nat({ max: whole.length }), async (start, length) => {
    const bytes = Math.min(length, whole.length - start)
    assert.ok((await readBytes(source, start, bytes)).equals(whole.subarray(start, start + bytes)))
  }), { numRuns: 200 })
})

test('a segment is a file of its own: numbered and timed from its beginning, as long as it says', async (t) => {
  const { path, directory, header, fragments, store } = await spooled(t, clip.config, clip.frames)
  const [first, second, third] = fragments
  const byteStart = header.length + first!.length
  const byteEnd = byteStart + second!.length + third!.length
  const [startMs, endMs] = [1_767_225_600_789, 1_767_225_602_368]
  const segment = { seq: 7, fileNumber: 1, firstFrame: 37, frames: 74, byteStart, byteEnd, startMs, endMs, durationMs: 1_579, gapMs: 0 }

  const stored = await putSegment(path, segment, 'anchor/segments/', { store, format: 'm4a' }, { signal: t.signal })

  const file = await readFile(join(directory, 'anchor/segments/00000007_1767225600789.m4a'))
  assert.deepEqual([stored.key, stored.bytes, stored.sampleRate, stored.channels], ['anchor/segments/00000007_1767225600789.m4a', file.length, 48_000, 1])
  assert.deepEqual([...framesOfRun(file.subarray(header.length))], clip.frames.slice(37, 111).map((frame) => Buffer.from(frame)))
  const heard = await listen(file)
  assert.equal(heard.pcm.length, 74 * 1024)
  assert.ok(Math.abs(heard.durationSeconds - 74 * 1024 / 48_000) < 0.001, 'the header says the true length')
})

test('what ADTS cannot carry is stored as m4a all the same', async (t) => {
  const short = parseAudioSpecificConfig(Buffer.of(0x11, 0x8c)) // 48 kHz, frames of 960 samples
  const plain = parseAudioSpecificConfig(audioSpecificConfig(16_000, 1))
  const keys: string[] = []
  for (const [name, config] of Object.entries({ short, plain })) {
    const { path, store } = await spooled(t, config, clip.frames)
    const { key } = await putTrackFile(path, `${name}/track`, { store, format: 'aac' }, { notedKeys: new Set(), signal: t.signal })
    keys.push(key)
  }

  assert.equal(short.frameSamples, 960)
  assert.deepEqual(keys, ['short/track.m4a', 'plain/track.aac'])
})
