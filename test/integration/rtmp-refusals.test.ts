import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeAmf0 } from '../../src/media/amf0.ts'
import {
  aacConfig, aacFrame, audio, command, connectCommand, header, message, monoConfig, numbered, opening, openIngest, openKey, plainHandshake, publish,
  publishCommands, RawPeer, RecordingSink, streamKey
} from '../helpers/rtmp.ts'

test('an unknown key is refused before publishing starts, and nothing reaches a sink', async (t) => {
  const { ingest, port, refusals, sink } = await openKey(t)

  await assert.rejects(publish(t, `rtmp://127.0.0.1:${port}/roomtape/not-the-key-0123456789`), { error: 'TRTC_REFUSED', message: /NetStream\.Publish\.Denied/ })

  assert.deepEqual(refusals, ['key: no such key'])
  assert.partialDeepStrictEqual(ingest.stats(), { publishedTotal: 0, refusedTotal: { key: 1 } })
  assert.deepEqual(sink.events, [])
})

test('no refusal repeats what the peer sent', async (t) => {
  const { port, refusals } = await openIngest(t)

  await assert.rejects(publish(t, `rtmp://127.0.0.1:${port}/secret-app/secret-name-0123456789?k=secret`))

  assert.equal(refusals.length, 1)
  assert.doesNotMatch(refusals.join(), /secret/)
})

const codecs: [string, Buffer][] = [
  ['MP3', Buffer.from('2fffffff', 'hex')],
  ['Speex', Buffer.from('b2ffffff', 'hex')],
  ['Enhanced RTMP', Buffer.from('904f707573', 'hex')],
  ['an AudioSpecificConfig of nonsense', aacConfig(Buffer.from('ffffffff', 'hex'))]
]
for (const [what, tag] of codecs) {
  test(`${what} is refused with a status, and its stream ends as refused`, async (t) => {
    const { ingest, sink, port } = await openKey(t)
    const peer = await RawPeer.connect(t, port)

    peer.send(opening, audio(tag), audio(aacFrame(numbered(1))))
    await peer.untilStatus('NetStream.Publish.Rejected')
    await peer.closed

    assert.deepEqual(sink.events, [{ type: 'end', reason: 'refused' }])
    assert.equal(ingest.stats().refusedTotal.codec, 1)
  })
}

const unacceptable: [string, Buffer[]][] = [
  ['a request in HTTP', [Buffer.from('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')]],
  ['publish before connect', [plainHandshake, publishCommands]],
  ['connect twice', [plainHandshake, connectCommand, connectCommand]],
  ['publish twice', [opening, publishCommands]],
  ['a chunk size of zero', [plainHandshake, message(1, Buffer.alloc(4), { id: 2 })]],
  ['an oversize chunk', [plainHandshake, message(1, Buffer.from('7fffffff', 'hex'), { id: 2 })]],
  ['an oversize message', [plainHandshake, header(0, { type: 20, length: 0xffffff })]],
  ['an oversize frame', [opening, audio(aacConfig(monoConfig)), audio(aacFrame(Buffer.alloc(9000)))]],
  ['a command that is not AMF', [plainHandshake, message(20, Buffer.alloc(50, 0xff))]],
  ['a command that is cut off', [plainHandshake, message(20, encodeAmf0('connect', 1, { app: 'x' }).subarray(0, -5))]],
  ['an aggregate that is cut off', [opening, message(22, Buffer.alloc(5))]],
  ['more than a publisher needs to say before it publishes', [plainHandshake, ...Array.from({ length: 50 }, () => message(9, Buffer.alloc(2000)))]]
]
for (const [what, parts] of unacceptable) {
  test(`${what} closes that connection and is counted; another stream goes on`, async (t) => {
    const { ingest, port, url, sink } = await openKey(t)
    const otherKey = 'another-key-0123456789'
    const other = new RecordingSink()
    ingest.expect(otherKey, other)
    const healthy = await publish(t, url.replace(streamKey, otherKey))
    const peer = await RawPeer.connect(t, port)

    peer.send(...parts)
    await peer.closed
    healthy.configure(monoConfig)
    healthy.write(numbered(1), 0)
    await other.until(() => other.frames.length === 1)

    assert.equal(ingest.stats().refusedTotal.protocol, 1)
    assert.deepEqual(sink.ends, sink.events.length > 0 ? ['refused'] : [])
    assert.deepEqual(other.ends, [])
  })
}

const odd: [string, Buffer[]][] = [
  ['connect without anything', [command('connect')]],
  ['connect without an app', [command('connect', 1, { })]],
  ['connect with an app of another type', [command('connect', 1, { app: { app: 1 }, tcUrl: null })]],
  ['connect with an array', [command('connect', 1, ['app'])]]
]
for (const [what, parts] of odd) {
  test(`${what} still leads to a refusal of the missing key, not to a fault`, async (t) => {
    const { port, refusals, faults } = await openKey(t)
    const peer = await RawPeer.connect(t, port)

    peer.send(plainHandshake, ...parts, command('publish', 2, null))
    await peer.untilStatus('NetStream.Publish.Denied')
    await peer.closed

    assert.deepEqual([refusals, faults], [['key: no such key'], []])
  })
}

for (const [what, name] of [['no name', []], ['a number for a name', [7]], ['an object for a name', [{ name: streamKey }]], ['an empty name', ['']]] as const) {
  test(`publish with ${what} is refused`, async (t) => {
    const { port, refusals } = await openKey(t)
    const peer = await RawPeer.connect(t, port)

    peer.send(plainHandshake, connectCommand, command('publish', 2, null, ...name))
    await peer.closed

    assert.deepEqual(refusals, ['key: no such key'])
  })
}
