import assert from 'node:assert/strict'
import test from 'node:test'
import { parseAudioSpecificConfig } from '../../../src/media/aac.ts'
import { adtsFrame, readAdts } from '../../../src/media/adts.ts'
import { loadClip, type SpeechClip, type ToneClip } from '../../../src/sandbox/audio/clips.ts'
import { listen } from '../../helpers/listen.ts'

const plain = { sampleRate: 44_100, channels: 2, frameSamples: 1024 }

test('frames come back from ADTS as they were written', () => {
  const frames = [Uint8Array.of(1, 2, 3), new Uint8Array(8184).fill(7), Uint8Array.of(9)]

  const read = readAdts(Buffer.concat(frames.map((frame) => adtsFrame(plain, frame))))

  assert.deepEqual([read.config.sampleRate, read.config.channels, read.config.frameSamples], [44_100, 2, 1024])
  assert.deepEqual(parseAudioSpecificConfig(read.config.config), read.config)
  assert.deepEqual(read.frames.map((frame) => Uint8Array.from(frame)), frames)
})

test('FFmpeg plays what was written as ADTS', async () => {
  const { config, frames } = loadClip('guest')

  const heard = await listen(Buffer.concat(frames.map((frame) => adtsFrame(config, frame))))

  assert.deepEqual([heard.sampleRate, heard.channels, heard.pcm.length], [48_000, 1, frames.length * 1024])
})

test('the CRC of a protected frame is no part of its audio', () => {
  const frame = Buffer.from(adtsFrame(plain, Uint8Array.of(0xaa, 0xbb, 1, 2, 3)))
  frame[1] = 0xf0 // protected: two bytes of CRC follow the header

  assert.deepEqual(Uint8Array.from(readAdts(frame).frames[0]!), Uint8Array.of(1, 2, 3))
})

const good = adtsFrame(plain, Uint8Array.of(1, 2, 3))
const broken = {
  'an empty stream': Buffer.alloc(0),
  'a frame cut short': good.subarray(0, -1),
  'noise after a frame': Buffer.concat([good, Buffer.from('noise')]),
  'another encoding in mid-stream': Buffer.concat([good, adtsFrame({ ...plain, sampleRate: 48_000 }, Uint8Array.of(1))]),
  'a frame without audio': adtsFrame(plain, new Uint8Array(0))
}
for (const [what, bytes] of Object.entries(broken)) {
  test(`${what} is refused as ADTS`, () => {
    assert.throws(() => readAdts(bytes), { error: 'VALIDATION' })
  })
}

test('what ADTS cannot say is refused, not written wrongly', () => {
  assert.throws(() => adtsFrame({ ...plain, sampleRate: 44_000 }, Uint8Array.of(1)), { error: 'VALIDATION' })
  assert.throws(() => adtsFrame({ ...plain, frameSamples: 960 }, Uint8Array.of(1)), { error: 'VALIDATION' })
  assert.throws(() => adtsFrame({ ...plain, channels: 7 }, Uint8Array.of(1)), { error: 'VALIDATION' })
  assert.throws(() => adtsFrame(plain, new Uint8Array(8185)), { error: 'VALIDATION' })
})

test('the committed clips are what they say: 48 kHz mono, tones of eight seconds, speech of six to nine', () => {
  for (const name of ['low', 'middle', 'high', 'teacher', 'agent', 'guest'] satisfies (SpeechClip | ToneClip)[]) {
    const { config, frames } = loadClip(name)

    assert.deepEqual([config.sampleRate, config.channels], [48_000, 1])
    if (['low', 'middle', 'high'].includes(name)) assert.equal(frames.length, 375)
    else assert.ok(frames.length > 281 && frames.length < 422, `${name} has ${frames.length} frames`)
  }
})
