import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { RtmpLimits } from '../../../src/rtmp/server/limits.ts'
import {
  aacConfig, aacFrame, audio, command, connectCommand, header, message, monoConfig, numbered, opening, openKey, plainHandshake, publish, RawPeer,
  RecordingSink, streamKey
} from '../../helpers/rtmp.ts'

const slow: [string, Buffer[], Partial<RtmpLimits>, string][] = [
  ['says nothing', [], { handshakeMs: 40 }, 'no handshake in time'],
  ['stops in the midst of the handshake', [plainHandshake.subarray(0, 2000)], { handshakeMs: 40 }, 'no handshake in time'],
  ['does not connect', [plainHandshake], { publishMs: 40 }, 'no publish in time'],
  ['does not publish', [plainHandshake, connectCommand], { publishMs: 40 }, 'no publish in time'],
  ['unpublishes and stays', [opening, command('deleteStream', 4, null, 1)], { publishMs: 40 }, 'no publish in time'],
  ['publishes and falls silent', [opening], { idleMs: 40 }, 'silent for too long'],
  ['stops in the midst of a frame', [opening, audio(aacConfig(monoConfig)), header(0, { type: 8, length: 500 }), Buffer.alloc(100)], { idleMs: 40 }, 'silent for too long']
]
for (const [what, parts, limits, why] of slow) {
  test(`a peer that ${what} is closed when its time is over`, async (t) => {
    const { port, ingest, refusals } = await openKey(t, { limits: { ...limits, sweepMs: 10 } })
    const peer = await RawPeer.connect(t, port)

    peer.send(...parts)
    await peer.closed

    assert.deepEqual(refusals, [`timeout: ${why}`])
    assert.equal(ingest.stats().refusedTotal.timeout, 1)
  })
}

const dripping: [string, Buffer[], Partial<RtmpLimits>, string][] = [
  ['of a handshake', [], { handshakeMs: 100 }, 'no handshake in time'],
  ['of a connect', [plainHandshake, header(0, { type: 20, length: 60_000 })], { publishMs: 100 }, 'no publish in time'],
  ['of a publish', [plainHandshake, connectCommand, header(0, { type: 20, length: 60_000 })], { publishMs: 100 }, 'no publish in time'],
  ['of a frame while it publishes', [opening, header(0, { type: 8, length: 200_000 })], { idleMs: 100 }, 'silent for too long'],
  ['of a video while it publishes', [opening, header(0, { id: 6, type: 9, length: 0xffffff })], { idleMs: 100 }, 'silent for too long']
]
for (const [what, parts, limits, why] of dripping) {
  test(`a slow loris does not win time by sending a byte ${what} now and then`, async (t) => {
    const { port, refusals } = await openKey(t, { limits: { ...limits, sweepMs: 10 } })
    const peer = await RawPeer.connect(t, port)

    peer.send(Buffer.of(3), ...parts.length === 0 ? [] : [Buffer.concat(parts).subarray(1)])
    const drip = setInterval(() => peer.socket.write(Buffer.of(0xc4)), 5)
    await peer.closed
    clearInterval(drip)

    assert.deepEqual(refusals, [`timeout: ${why}`])
  })
}

test('a silent publisher that answers pings may stay', async (t) => {
  const { ingest, port, sink, url } = await openKey(t, { limits: { idleMs: 200, sweepMs: 5 } })
  const otherKey = 'another-key-0123456789'
  ingest.expect(otherKey, new RecordingSink())
  const alive = await publish(t, url)
  const dead = await RawPeer.connect(t, port)

  dead.send(plainHandshake, connectCommand, command('publish', 2, null, otherKey))
  await dead.closed
  alive.configure(monoConfig)
  await sink.until(() => sink.configs.length === 1)

  assert.equal(ingest.stats().refusedTotal.timeout, 1)
  assert.deepEqual(sink.ends, [])
})

test('a refused peer that does not hang up is cut off', async (t) => {
  const { port } = await openKey(t, { limits: { lingerMs: 30, sweepMs: 10 } })
  const peer = await RawPeer.connect(t, port)
  peer.socket.allowHalfOpen = true

  peer.send(plainHandshake, connectCommand, command('publish', 2, null, 'nobody'))
  await peer.untilStatus('NetStream.Publish.Denied')
  const talking = setInterval(() => peer.socket.write(Buffer.alloc(100)), 5)
  await peer.closed
  clearInterval(talking)
})

test('a peer that asks and never reads the answers is closed', async (t) => {
  const { port, refusals } = await openKey(t, { limits: { unreadBytes: 10_000, unpublishedBytes: Infinity, sweepCommands: Infinity } })
  const peer = await RawPeer.connect(t, port)
  const pings = Buffer.concat(Array.from({ length: 20_000 }, () => message(4, Buffer.from('000600000001', 'hex'), { id: 2 })))
  peer.send(plainHandshake)
  await peer.until((received) => received.length >= 3073)
  peer.socket.pause()

  const more = (): void => { peer.socket.write(pings, (error) => { if (!error) more() }) }
  more()
  await peer.closed

  assert.deepEqual(refusals, ['unread: answers are not read'])
})

test('more connections than allowed are dropped and counted; there is room again when one has left', async (t) => {
  const { port, ingest, sink, url } = await openKey(t, { limits: { connections: 1 } })
  const first = await publish(t, url)
  const surplus = await RawPeer.connect(t, port)
  await surplus.closed

  await first.close()
  await sink.until(() => sink.ends.length === 1)
  await publish(t, url)

  assert.equal(ingest.stats().refusedTotal.full, 1)
})

/** A connection that the ingest has taken and that says nothing. */
async function silent (t: TestContext, { port, ingest }: Awaited<ReturnType<typeof openKey>>): Promise<RawPeer> {
  const before = ingest.accepted
  const peer = await RawPeer.connect(t, port)
  peer.send(plainHandshake)
  await peer.until((received) => received.length >= 3073)
  assert.equal(ingest.accepted, before + 1)
  return peer
}

test('when too many wait, the one that came first gives way, and who publishes stays', async (t) => {
  const opened = await openKey(t, { limits: { waiting: 2 } })
  const publisher = await publish(t, opened.url)
  const first = await silent(t, opened)
  await silent(t, opened)

  await silent(t, opened)
  await first.closed
  publisher.configure(monoConfig)
  await opened.sink.until(() => opened.sink.configs.length === 1)

  assert.deepEqual(opened.refusals, ['full: others wait for the place'])
  assert.partialDeepStrictEqual(opened.ingest.stats(), { connections: 3, waiting: 2, publishing: 1 })
})

test('an address may have few that wait and any number that publish', async (t) => {
  const opened = await openKey(t, { limits: { waitingPerAddress: 1 } })
  const keys = Array.from({ length: 20 }, (_, index) => `key-number-0123456789-${index}`)
  for (const key of keys) opened.ingest.expect(key, new RecordingSink())

  for (const key of keys) await publish(t, opened.url.replace(streamKey, key))
  const first = await silent(t, opened)
  await silent(t, opened)
  await first.closed

  assert.deepEqual(opened.refusals, ['full: others wait for the place'])
  assert.equal(opened.ingest.stats().publishing, 20)
})

test('when every connection is in use, one that waits gives way to a publisher', async (t) => {
  const opened = await openKey(t, { limits: { connections: 2 } })
  const first = await silent(t, opened)
  await silent(t, opened)

  await publish(t, opened.url)
  await first.closed

  assert.equal(opened.ingest.stats().publishing, 1)
})

test('a place is free again when a publisher has left', async (t) => {
  const opened = await openKey(t)
  const publisher = await publish(t, opened.url)
  assert.equal(opened.ingest.stats().waiting, 0)

  await publisher.close()
  await opened.sink.until(() => opened.sink.ends.length === 1)
  const last = await silent(t, opened)
  last.socket.destroy()
  await publish(t, opened.url)

  assert.partialDeepStrictEqual(opened.ingest.stats(), { connections: 1, waiting: 0, publishing: 1, keptBytes: 0 })
})

test('half messages of all connections have one bound; a stream that needs its own share only goes on', async (t) => {
  const opened = await openKey(t, { limits: { sharedBytes: 100_000 } })
  const { ingest, port, sink, refusals } = opened
  const keys = Array.from({ length: 5 }, (_, index) => `greedy-key-0123456789-${index}`)
  for (const key of keys) ingest.expect(key, new RecordingSink())
  const healthy = await RawPeer.connect(t, port)
  healthy.send(opening, audio(aacConfig(monoConfig)), audio(aacFrame(numbered(1, 8000))).subarray(0, 7000))
  await sink.until(() => sink.configs.length === 1)

  const greedy = await Promise.all(keys.map(async (key) => {
    const peer = await RawPeer.connect(t, port)
    peer.send(plainHandshake, connectCommand, command('publish', 2, null, key), message(22, Buffer.alloc(100_000)).subarray(0, 60_000))
    return peer
  }))
  await Promise.any(greedy.map((peer) => peer.closed))
  assert.ok(ingest.stats().keptBytes <= 100_000 + 6 * 16_384)
  healthy.send(audio(aacFrame(numbered(1, 8000))).subarray(7000))
  await sink.until(() => sink.frames.length === 1)

  assert.deepEqual([...new Set(refusals)], ['protocol: all connections together hold too many unfinished messages'])
  assert.deepEqual(sink.frames, [numbered(1, 8000)])
})

test('a peer that wants every byte acknowledged is answered once in a while', async (t) => {
  const { port, sink } = await openKey(t)
  const peer = await RawPeer.connect(t, port)
  peer.send(opening, message(5, Buffer.of(0, 0, 0, 1), { id: 2 }), audio(aacConfig(monoConfig)))
  await peer.untilStatus('NetStream.Publish.Start')
  await sink.until(() => sink.configs.length === 1)
  const before = peer.received.length

  for (let index = 0; index < 100; index++) {
    peer.send(audio(aacFrame(numbered(index, 200))))
    await sink.until(() => sink.frames.length === index + 1)
  }
  peer.send(message(4, Buffer.from('0006cafe0001', 'hex'), { id: 2 }))
  await peer.until((received) => received.includes(Buffer.from('0007cafe0001', 'hex')))

  const answers = (peer.received.length - before - 18) / 16
  assert.ok(answers >= 1 && answers <= 3, `${answers} acknowledgements of 21 kB`)
})

const floods: [string, Buffer, Partial<RtmpLimits>, string][] = [
  ['commands', Buffer.concat(Array.from({ length: 600 }, () => command('x'))), {}, 'too many commands at a time'],
  ['pings', Buffer.concat(Array.from({ length: 600 }, () => message(4, Buffer.from('000600000001', 'hex'), { id: 2 }))), {}, 'too many commands at a time'],
  ['chunks of one byte', Buffer.concat([message(1, Buffer.of(0, 0, 0, 1), { id: 2 }), message(9, Buffer.alloc(40_000), { id: 6, chunkSize: 1 })]), { sweepChunks: 30_000 }, 'too many chunks at a time'],
  ['messages without a body', Buffer.concat([header(0, { type: 8, length: 0 }), Buffer.alloc(40_000, 0xc4)]), { sweepChunks: 30_000 }, 'too many chunks at a time']
]
for (const [what, bytes, limits, why] of floods) {
  test(`a publisher that sends a flood of ${what} is closed`, async (t) => {
    const { port, refusals, sink } = await openKey(t, { limits: { sweepMs: 60_000, ...limits } })
    const peer = await RawPeer.connect(t, port)

    peer.send(opening, bytes)
    await peer.closed

    assert.deepEqual(refusals, [`protocol: ${why}`])
    assert.deepEqual(sink.ends, ['refused'])
  })
}
