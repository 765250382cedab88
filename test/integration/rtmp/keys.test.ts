import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  aacConfig, aacFrame, audio, monoConfig, numbered, opening, openIngest, openKey, publish, RawPeer, RecordingSink, streamKey
} from '../../helpers/rtmp.ts'

for (const path of [
  `roomtape/${streamKey}`, `roomtape/name?k=${streamKey}`, `roomtape?k=${streamKey}/name`, `${streamKey}/name`, `roomtape/${streamKey}/name`, `roomtape/a/b/${streamKey}?x=y`,
  `roomtape/name?x=y&k=${streamKey}&z=`, `roomtape/name%3Fk%3D${streamKey.replaceAll('-', '%2D')}`, `roomtape%2F${streamKey}%2fname`, streamKey
]) {
  test(`the key is found in …/${path.replace(/k3y.*abcdef/, '<key>')}`, async (t) => {
    const { sink, port } = await openKey(t)

    const publisher = await publish(t, `rtmp://127.0.0.1:${port}/${path}`)
    publisher.configure(monoConfig)
    await sink.until(() => sink.configs.length === 1)
  })
}

test('a newer publisher on the same key takes over; the older one is told and closed', async (t) => {
  const { sink, url, ingest } = await openKey(t)
  const older = await publish(t, url)
  older.configure(monoConfig)
  older.write(numbered(1), 0)
  await sink.until(() => sink.frames.length === 1)

  const newer = await publish(t, url)
  const reason = await older.closed
  newer.configure(monoConfig)
  newer.write(numbered(2), 0)
  await sink.until(() => sink.frames.length === 2)

  assert.equal(reason, 'NetStream.Publish.BadName')
  assert.deepEqual(sink.events.map(({ type }) => type), ['configure', 'write', 'end', 'configure', 'write'])
  assert.deepEqual(sink.ends, ['replaced'])
  assert.partialDeepStrictEqual(ingest.stats(), { publishing: 1, replacedTotal: 1, publishedTotal: 2 })
})

test('the relay may come back with the same key after its connection broke', async (t) => {
  const { sink, url, port } = await openKey(t)
  const first = await RawPeer.connect(t, port)
  first.send(opening, audio(aacConfig(monoConfig)), audio(aacFrame(numbered(1))))
  await sink.until(() => sink.frames.length === 1)

  first.socket.resetAndDestroy()
  await sink.until(() => sink.ends.length === 1)
  const second = await publish(t, url)
  second.configure(monoConfig)
  second.write(numbered(2), 0)
  await sink.until(() => sink.frames.length === 2)

  assert.deepEqual(sink.ends, ['disconnected'])
})

test('forgetting a key ends its stream as stopped, tells the publisher, and lets nobody in again', async (t) => {
  const { sink, url, ingest } = await openKey(t)
  const publisher = await publish(t, url)
  publisher.configure(monoConfig)
  await sink.until(() => sink.configs.length === 1)

  ingest.forget(streamKey)

  assert.deepEqual(sink.ends, ['stopped'])
  assert.equal(await publisher.closed, 'NetStream.Unpublish.Success')
  await assert.rejects(publish(t, url), { error: 'TRTC_REFUSED', message: /NetStream\.Publish\.Denied/ })
  assert.deepEqual(sink.ends, ['stopped'])
})

test('a sink may have its key forgotten in the midst of a write; nothing follows the end', async (t) => {
  const { ingest, port } = await openIngest(t)
  const sink = new RecordingSink()
  ingest.expect(streamKey, Object.assign(Object.create(sink) as RecordingSink, {
    configure: sink.configure.bind(sink),
    end: sink.end.bind(sink),
    write (...frame: Parameters<RecordingSink['write']>) {
      sink.write(...frame)
      ingest.forget(streamKey)
    }
  }))
  const peer = await RawPeer.connect(t, port)

  peer.send(opening, audio(aacConfig(monoConfig)), audio(aacFrame(numbered(1))), audio(aacFrame(numbered(2))))
  await peer.closed

  assert.deepEqual(sink.events.map(({ type }) => type), ['configure', 'write', 'end'])
})

test('a key must be long enough not to be guessed, and is opened once', async (t) => {
  const { ingest, sink } = await openKey(t)

  assert.throws(() => ingest.expect('short', sink), { error: 'VALIDATION' })
  assert.throws(() => ingest.expect('sixteen letters!', sink), { error: 'VALIDATION' })
  assert.throws(() => ingest.expect(streamKey, sink), { error: 'CONFLICT' })
})

test('a publisher whose connection is dead but not gone loses its key to the next', async (t) => {
  const { sink, port, url, ingest } = await openKey(t, { limits: { lingerMs: 30, sweepMs: 10 } })
  const dead = await RawPeer.connect(t, port)
  dead.send(opening, audio(aacConfig(monoConfig)), audio(aacFrame(numbered(1, 500))).subarray(0, 300))
  await sink.until(() => sink.configs.length === 1)
  dead.socket.pause() // it neither reads nor hangs up

  const next = await publish(t, url)
  next.configure(monoConfig)
  next.write(numbered(2), 0)
  await sink.until(() => sink.frames.length === 1)

  assert.deepEqual(sink.ends, ['replaced'])
  assert.deepEqual(sink.frames, [numbered(2)])
  assert.equal(ingest.stats().keptBytes, 0)
})
