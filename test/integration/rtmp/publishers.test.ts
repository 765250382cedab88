import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { openKey, RawPeer, type RecordingSink } from '../../helpers/rtmp.ts'

/** Sessions recorded of real publishers, see test/corpus/README.md, and what is in them. */
const publishers = {
  'ffmpeg-session.bin': { frames: 9, sampleRate: 48_000, channels: 1, lastMs: 170 },
  'ffmpeg-5.1-video.bin': { frames: 48, sampleRate: 48_000, channels: 1, lastMs: 1003 },
  'gst-rtmpsink.bin': { frames: 48, sampleRate: 48_000, channels: 1, lastMs: 1003 },
  'gst-rtmp2sink.bin': { frames: 48, sampleRate: 48_000, channels: 1, lastMs: 1003 },
  'obs-librtmp.bin': { frames: 48, sampleRate: 48_000, channels: 1, lastMs: 1003 }
}

/** Sends the pieces, each in a read of its own as far as the kernel lets it be, and waits for the end. */
async function replay (t: TestContext, pieces: Buffer[]): Promise<RecordingSink> {
  const { port, sink, refusals } = await openKey(t)
  const peer = await RawPeer.connect(t, port)
  for (const piece of pieces) {
    peer.send(piece)
    await setImmediate()
  }
  peer.socket.end()
  await peer.closed
  assert.deepEqual(refusals, [])
  assert.ok(peer.statusCodes.includes('NetStream.Publish.Start'))
  return sink
}

for (const [name, { frames, sampleRate, channels, lastMs }] of Object.entries(publishers)) {
  const session = readFileSync(new URL(`../../corpus/rtmp/${name}`, import.meta.url))

  test(`${name}: every frame arrives with its time, and the stream ends`, async (t) => {
    const sink = await replay(t, [session])

    assert.partialDeepStrictEqual(sink.configs, [{ sampleRate, channels }])
    assert.equal(sink.configs.length, 1)
    assert.equal(sink.frames.length, frames)
    assert.ok(Math.abs(sink.timestamps.at(-1)! - lastMs) <= 1, `the last frame is at ${sink.timestamps.at(-1)!} ms`)
    assert.deepEqual(sink.ends, ['disconnected'])
  })

  test(`${name}: the same however its bytes are cut`, async (t) => {
    const whole = await replay(t, [session])
    const withoutArrival = ({ events }: RecordingSink) => events.map((event) => event.type === 'write' ? { ...event, arrivalMs: 0 } : event)
    const same = async (sizes: number[]): Promise<void> => {
      const pieces: Buffer[] = []
      for (let at = 0, turn = 0; at < session.length; turn++) {
        const size = sizes[turn % sizes.length]!
        pieces.push(session.subarray(at, at + size))
        at += size
      }
      assert.deepEqual(withoutArrival(await replay(t, pieces)), withoutArrival(whole))
    }

    await same([1])
    await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 6 }), same), { numRuns: 5 })
  })
}
