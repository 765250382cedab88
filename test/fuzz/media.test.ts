import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { RoomtapeError } from '../../src/core/errors.ts'
import { parseAudioSpecificConfig } from '../../src/media/aac.ts'
import { adtsFrame, readAdts } from '../../src/media/adts.ts'
import { scanMp4 } from '../../src/media/mp4-reader.ts'
import { FragmentBuffers, Mp4Writer } from '../../src/media/mp4-writer.ts'
import { loadClip } from '../../src/sandbox/audio/clips.ts'
import { runs } from '../helpers/fuzz.ts'

const { config, frames } = loadClip('low')

function wholeFile (): Buffer {
  const buffers = new FragmentBuffers()
  const writer = new Mp4Writer(config, buffers)
  const pieces: Uint8Array[] = [writer.header]
  const flush = (): void => { pieces.push(writer.takeFragment() ?? new Uint8Array()) }
  for (const frame of frames) {
    if (!writer.fits(frame.length)) flush()
    writer.add(frame, 0, frame.length)
  }
  flush()
  return Buffer.concat(pieces)
}

const scan = async (file: Buffer) => scanMp4(async (offset, length) => file.subarray(offset, offset + length))

function orRefused<T> (read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    assert.ok(error instanceof RoomtapeError && error.error === 'VALIDATION', `refused by ${String(error)}`)
    return undefined
  }
}

test('any bytes as a config are read to something that has a frame length, or refused', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
    const read = orRefused(() => parseAudioSpecificConfig(bytes))
    if (read === undefined) return
    const frameMs = read.frameSamples * 1000 / read.sampleRate
    assert.ok(frameMs >= 10 && frameMs < 140 && read.channels >= 1 && read.channels <= 8)
    // What was understood can be written
    assert.ok(new Mp4Writer(read, new FragmentBuffers()).header.length < 1024)
  }), runs(3000))
})

test('any bytes as ADTS are read or refused, also with a good beginning', () => {
  const begin = adtsFrame(config, Uint8Array.of(1, 2, 3))
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (bytes, headed) => {
    const read = orRefused(() => readAdts(headed ? Buffer.concat([begin, bytes]) : bytes))
    if (read !== undefined) assert.ok(read.frames.every((frame) => frame.length > 0))
  }), runs(2000))
})

test('a file cut at any byte is whole up to its last whole fragment', async () => {
  const file = wholeFile()
  assert.equal((await scan(file))?.wholeBytes, file.length)

  await fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: file.length }), async (length) => {
    const found = await scan(file.subarray(0, length))
    if (found === undefined) {
      assert.ok(length < 1000, 'only a torn header is nothing')
      return
    }
    assert.ok(found.wholeBytes <= length && length - found.wholeBytes < 8192, `cut at ${length}, whole to ${found.wholeBytes}`)
    const again = await scan(file.subarray(0, found.wholeBytes))
    assert.deepEqual(again, found)
  }), runs(500))
})

test('a file with any bytes changed is scanned to an end inside of it', async () => {
  const file = wholeFile()
  const changes = fc.array(fc.tuple(fc.integer({ min: 0, max: file.length - 1 }), fc.integer({ min: 0, max: 255 })), { maxLength: 20 })
  await fc.assert(fc.asyncProperty(changes, async (edits) => {
    const changed = Buffer.from(file)
    for (const [at, value] of edits) changed[at] = value
    const found = await scan(changed)
    if (found !== undefined) assert.ok(found.wholeBytes <= file.length && found.frames <= frames.length)
  }), runs(500))
})

test('noise is not taken for one of our files', async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => {
    assert.equal(await scan(Buffer.from(bytes)), undefined)
  }), runs(500))
})
