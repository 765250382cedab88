import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { readAdts } from '../../../src/media/adts.ts'
import { readMp4Header, scanMp4 } from '../../../src/media/mp4-reader.ts'
import { FragmentBuffers, Mp4Writer } from '../../../src/media/mp4-writer.ts'
import { adtsOfRun, framesOfRun, m4aOfRun } from '../../../src/media/segment-file.ts'
import { loadClip } from '../../../src/sandbox/audio/clips.ts'
import { byteSourceOf, readBytes } from '../../../src/stores/byte-source.ts'
import { adtsBytes } from '../../../src/upload/adts-bytes.ts'
import { listen } from '../../helpers/listen.ts'
import { packetsIn } from '../../helpers/packets.ts'

const scan = async (file: Buffer) => scanMp4(async (offset, length) => file.subarray(offset, offset + length))

function pieces (): { header: Buffer, fragments: Buffer[], frameCounts: number[] } {
  const { config, frames } = loadClip('middle')
  const writer = new Mp4Writer(config, new FragmentBuffers())
  const fragments: Buffer[] = []
  const frameCounts: number[] = []
  for (const frame of frames) {
    if (!writer.fits(frame.length)) {
      frameCounts.push(writer.pendingFrames)
      fragments.push(Buffer.from(writer.takeFragment()!))
    }
    writer.add(frame, 0, frame.length)
  }
  return { header: Buffer.from(writer.header), fragments, frameCounts }
}

test('a file that ends within a fragment plays up to the fragment before', async () => {
  const { header, fragments, frameCounts } = pieces()
  const whole = Buffer.concat([header, ...fragments.slice(0, 3)])
  const torn = Buffer.concat([whole, fragments[3]!.subarray(0, -1)])

  const found = await scan(torn)

  assert.equal(found?.wholeBytes, whole.length)
  assert.equal(found.frames, frameCounts[0]! + frameCounts[1]! + frameCounts[2]!)
  assert.equal((await listen(torn.subarray(0, found.wholeBytes))).pcm.length, found.frames * 1024)
})

test('a header alone is a file without frames', async () => {
  const { header } = pieces()

  const found = await scan(header)

  assert.deepEqual([found?.frames, found?.wholeBytes], [0, header.length])
  assert.deepEqual([found?.config.sampleRate, found?.config.channels], [48_000, 1])
})

test('a fragment out of its order, or one that the disk left as zeros, ends the file', async () => {
  const { header, fragments } = pieces()
  const [first, second, third] = fragments

  const skipped = await scan(Buffer.concat([header, first!, third!]))
  const zeros = await scan(Buffer.concat([header, first!, Buffer.alloc(second!.length), third!]))

  assert.equal(skipped?.wholeBytes, header.length + first!.length)
  assert.equal(zeros?.wholeBytes, header.length + first!.length)
})

test('a file of version 0.1.0 is read as well, whose fragments do not say how long a frame is: whole, as a segment, as ADTS', async () => {
  const spool = join(import.meta.dirname, '../../corpus/upgrade/0.1.0-killed/data-dir/spool')
  const files = globSync('*/*.m4a', { cwd: spool }).map((path) => readFileSync(join(spool, path)))
  assert.ok(files.length >= 9)
  for (const file of files) {
    const found = await scan(file)
    const header = await readMp4Header(async (offset, length) => file.subarray(offset, offset + length))
    assert.ok(found && header && found.frames > 0)
    const whole = file.subarray(0, found.wholeBytes)
    const run = whole.subarray(header.bytes)
    assert.equal(run.readUInt32BE(32), 16, 'tfhd has no default duration')

    const packets = await packetsIn(whole)
    const segment = await packetsIn(m4aOfRun(header.config, Buffer.from(run)))
    const adts = adtsOfRun(header.config, run)
    const upload = await adtsBytes(byteSourceOf(whole), header.config)

    const frames = packets.map(({ data }) => data)
    assert.equal(frames.length, found.frames)
    assert.deepEqual([...framesOfRun(run)], frames)
    assert.deepEqual(segment, packets)
    assert.deepEqual(readAdts(adts).frames.map((frame) => Buffer.from(frame)), frames)
    assert.deepEqual(await readBytes(upload, 0, upload.bytes), adts)
  }
})
