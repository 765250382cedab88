import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aacConfig, aacFrame, audio, numbered, opening, openIngest, openKey, publish, RawPeer } from '../../helpers/rtmp.ts'

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

const codecs: [string, Buffer, RegExp, string?][] = [
  ['MP3', Buffer.from('2fffffff', 'hex'), /MP3, expected AAC/],
  ['Speex', Buffer.from('b2ffffff', 'hex'), /Speex, expected AAC/],
  ['PCM', Buffer.concat([Buffer.of(0x3f), Buffer.alloc(4096)]), /PCM, expected AAC/],
  ['G.711', Buffer.from('82ffffff', 'hex'), /G\.711, expected AAC/],
  ['Opus in Enhanced RTMP', Buffer.from('904f70757300', 'hex'), /Enhanced RTMP, expected AAC/],
  ['an AudioSpecificConfig of nonsense', aacConfig(Buffer.from('ffffffff', 'hex')), /AudioSpecificConfig ends too early/, 'an AAC configuration that cannot be recorded, expected AAC-LC']
]
for (const [what, tag, why, told] of codecs) {
  test(`${what} is refused with a status, and its stream ends as refused, with the reason`, async (t) => {
    const { ingest, sink, port } = await openKey(t)
    const peer = await RawPeer.connect(t, port)

    peer.send(opening, audio(tag), audio(aacFrame(numbered(1))))
    await peer.untilStatus('NetStream.Publish.Rejected')
    await peer.closed

    assert.deepEqual(sink.events.map(({ type }) => type), ['unusable', 'end'])
    assert.deepEqual(sink.ends, ['refused'])
    assert.match(sink.unusables[0]!, told === undefined ? new RegExp(`^codec: .*${why.source}$`) : new RegExp(`^codec: ${told}$`))
    assert.equal(ingest.stats().refusedTotal.codec, 1)
    assert.match(peer.received.toString('latin1'), why)
  })
}
