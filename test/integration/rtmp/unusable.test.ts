import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aacConfig, aacFrame, audio, monoConfig, numbered, opening, openKey, publish, RawPeer, streamKey } from '../../helpers/rtmp.ts'

const told = 'noConfiguration: AAC frames came without the configuration that says how to read them'

/** A clock of arrivals that a test moves. */
function movedClock () {
  let nowMs = 1_767_225_600_000
  return { now: () => nowMs, pass: (ms: number) => { nowMs += ms } }
}

test('frames that come without their configuration for a second are told of, once, and nothing of them is written', async (t) => {
  const clock = movedClock()
  const { sink, url, ingest } = await openKey(t, { clock })
  const publisher = await publish(t, url)
  const dropped = async (count: number): Promise<void> => {
    publisher.write(numbered(count), count)
    while (ingest.stats().droppedFramesTotal < count) await new Promise(setImmediate)
  }

  await dropped(1)
  clock.pass(999)
  await dropped(2)
  assert.deepEqual(sink.unusables, [], 'it may just be late')
  clock.pass(1)
  await dropped(3)
  assert.deepEqual(sink.unusables, [told])
  clock.pass(5_000)
  await dropped(4)
  await publisher.close()
  await sink.until(() => sink.ends.length === 1)

  assert.deepEqual(sink.events.map(({ type }) => type), ['unusable', 'end'])
})

test('a configuration that comes late is no trouble while it comes within the second, and its frames are written', async (t) => {
  const clock = movedClock()
  const { sink, port } = await openKey(t, { clock })
  const peer = await RawPeer.connect(t, port)

  peer.send(opening, audio(aacFrame(numbered(1))), audio(aacConfig(monoConfig)), audio(aacFrame(numbered(2))))
  await sink.until(() => sink.frames.length === 1)
  clock.pass(5_000)
  peer.send(audio(aacFrame(numbered(3))))
  await sink.until(() => sink.frames.length === 2)
  peer.socket.destroy()
  await sink.until(() => sink.ends.length === 1)

  assert.deepEqual(sink.frames, [numbered(2), numbered(3)])
  assert.deepEqual(sink.unusables, [])
})

test('a connection that ends with nothing but such frames has told, one that brought no frames at all has not, and each tells for itself', async (t) => {
  const { sink, url } = await openKey(t)
  const come = async (frames: number): Promise<void> => {
    const publisher = await publish(t, url)
    for (let index = 0; index < frames; index++) publisher.write(numbered(index), index)
    const ends = sink.ends.length + 1
    await publisher.close()
    await sink.until(() => sink.ends.length === ends)
  }

  await come(3)
  await come(0)
  await come(1)

  assert.deepEqual(sink.events.map(({ type }) => type), ['unusable', 'end', 'end', 'unusable', 'end'])
})

test('whoever is let go before it has brought anything of use is not told of', async (t) => {
  const { sink, url, ingest } = await openKey(t)
  const publisher = await publish(t, url)
  publisher.write(numbered(1), 0)
  while (ingest.stats().droppedFramesTotal === 0) await new Promise(setImmediate)

  ingest.forget(streamKey)

  assert.equal(await publisher.closed, 'NetStream.Unpublish.Success')
  assert.deepEqual(sink.events, [{ type: 'end', reason: 'stopped' }])
})

test('of a connection that brings both, frames without configuration and another codec, the first is told', async (t) => {
  const { sink, port } = await openKey(t)
  const peer = await RawPeer.connect(t, port)

  peer.send(opening, audio(aacFrame(numbered(1))), audio(Buffer.from('b2ffffff', 'hex')))
  await peer.closed

  assert.deepEqual(sink.unusables, ['codec: Speex, expected AAC'])
  assert.deepEqual(sink.ends, ['refused'])
})

test('a sink that has no ear for it, or throws, harms nobody', async (t) => {
  const { ingest, faults, port, sink, url } = await openKey(t)
  ingest.expect('a-key-of-a-deaf-sink', { configure: () => undefined, write: () => undefined, end: () => undefined })
  ingest.expect('a-key-of-a-bad-sink', { configure: () => undefined, write: () => undefined, end: () => undefined, unusable: () => { throw new Error('not today') } })
  const healthy = await publish(t, url)
  healthy.configure(monoConfig)

  for (const key of ['a-key-of-a-deaf-sink', 'a-key-of-a-bad-sink']) {
    const publisher = await publish(t, `rtmp://127.0.0.1:${port}/roomtape/${key}`)
    publisher.write(numbered(1), 0)
    await publisher.close()
  }
  while (faults.length === 0) await new Promise(setImmediate)
  healthy.write(numbered(7), 0)
  await sink.until(() => sink.frames.length === 1)

  assert.deepEqual(faults.map(String), ['Error: not today'])
})
