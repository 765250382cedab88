import assert from 'node:assert/strict'
import test from 'node:test'
import { scanMp4 } from '../../../src/media/mp4-reader.ts'
import { FragmentBuffers, Mp4Writer } from '../../../src/media/mp4-writer.ts'
import { loadClip } from '../../../src/sandbox/audio/clips.ts'
import { listen } from '../../helpers/listen.ts'

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
