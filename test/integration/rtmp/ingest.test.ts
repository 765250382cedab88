import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { encodeAmf0 } from '../../../src/rtmp/protocol/amf0.ts'
import {
  aacConfig, aacFrame, audio, command, commandsIn, connectCommand, message, monoConfig, numbered, opening, openIngest, openKey, plainHandshake,
  publish, publishCommands, RawPeer, stereoConfig, streamKey
} from '../../helpers/rtmp.ts'

for (const chunkSize of [1, 128, 4096, 1_048_576]) {
  test(`what is published in chunks of ${chunkSize} arrives as it was sent`, async (t) => {
    const { sink, url, ingest } = await openKey(t, { clock: { now: () => 1_767_225_600_000 } })
    const publisher = await publish(t, url, chunkSize)
    const frames = Array.from({ length: 200 }, (_, index) => numbered(index, 4 + index * 37 % 2000))

    publisher.configure(monoConfig)
    for (const [index, frame] of frames.entries()) publisher.write(frame, index * 21)
    await publisher.close()
    await sink.until(() => sink.ends.length === 1)

    assert.equal(sink.events[0]?.type, 'configure')
    assert.partialDeepStrictEqual(sink.configs, [{ codec: 'aac', sampleRate: 48_000, channels: 1, frameSamples: 1024 }])
    assert.deepEqual(sink.frames, frames)
    assert.deepEqual(sink.timestamps, frames.map((_, index) => index * 21))
    assert.ok(sink.events.every((event) => event.type !== 'write' || event.arrivalMs === 1_767_225_600_000))
    assert.deepEqual(sink.ends, ['disconnected'])
    assert.equal(ingest.stats().framesTotal, 200)
  })
}

test('times may jump ahead, step back and wrap', async (t) => {
  const { sink, url } = await openKey(t)
  const publisher = await publish(t, url, 128)
  const timesMs = [0, 21, 17_000_000, 17_000_021, 5, 0xffff_fff0, 5, 0x7fff_ffff, 0xffff_fffe, 0]

  publisher.configure(monoConfig)
  for (const timestampMs of timesMs) publisher.write(numbered(1, 400), timestampMs)
  await sink.until(() => sink.frames.length === timesMs.length)

  assert.deepEqual(sink.timestamps, timesMs)
})

test('a configuration counts when it changes, not when it is repeated', async (t) => {
  const { sink, url } = await openKey(t)
  const publisher = await publish(t, url)

  for (const config of [monoConfig, monoConfig, stereoConfig, stereoConfig, monoConfig]) {
    publisher.configure(config)
    publisher.write(numbered(0), 0)
  }
  await sink.until(() => sink.frames.length === 5)

  assert.deepEqual(sink.configs.map(({ channels }) => channels), [1, 2, 1])
})

test('frames before any configuration are left out and counted', async (t) => {
  const { sink, url, ingest } = await openKey(t)
  const publisher = await publish(t, url)

  publisher.write(numbered(0), 0)
  publisher.configure(monoConfig)
  publisher.write(numbered(1), 21)
  await sink.until(() => sink.frames.length === 1)

  assert.deepEqual(sink.frames, [numbered(1)])
  assert.equal(ingest.stats().droppedFramesTotal, 1)
})

test('a sink that throws loses its connection only, and the fault is told', async (t) => {
  const { ingest, faults, port, sink, url } = await openKey(t)
  const otherKey = 'another-key-0123456789'
  const broken = new Error('disk full')
  ingest.expect(otherKey, { configure () { /* fine so far */ }, write () { throw broken }, end () { /* nothing held */ } })
  const healthy = await publish(t, url)
  const failing = await publish(t, `rtmp://127.0.0.1:${port}/roomtape/${otherKey}`)

  failing.configure(monoConfig)
  failing.write(numbered(0), 0)
  const reason = await failing.closed
  healthy.configure(monoConfig)
  healthy.write(numbered(1), 0)
  await sink.until(() => sink.frames.length === 1)

  assert.equal(reason, 'NetStream.Publish.Rejected')
  assert.deepEqual(faults, [broken])
  assert.deepEqual(sink.ends, [])
})

test('closing ends every stream as stopped and closes connections that never published', async (t) => {
  const { ingest, port, sink, url } = await openKey(t)
  const publisher = await publish(t, url)
  const idle = await RawPeer.connect(t, port)
  idle.send(plainHandshake)
  await idle.until((received) => received.length >= 3073)

  await ingest.close()

  await Promise.all([publisher.closed, idle.closed])
  assert.deepEqual(sink.ends, ['stopped'])
  assert.deepEqual(ingest.stats().connections + ingest.stats().publishing + ingest.stats().expected, 0)
})

test('a port that is taken is an error of listen', async (t) => {
  const { port } = await openIngest(t)

  await assert.rejects(openIngest(t, { port }), { code: 'EADDRINUSE' })
})

// Openings made by hand

test('a session that comes one byte at a time is understood', async (t) => {
  const { sink, port } = await openKey(t)
  const peer = await RawPeer.connect(t, port)

  for (const byte of Buffer.concat([opening, audio(aacConfig(monoConfig)), audio(aacFrame(numbered(1, 300)))])) peer.socket.write(Buffer.of(byte))
  await sink.until(() => sink.frames.length === 1)

  assert.deepEqual(sink.frames, [numbered(1, 300)])
})

test('a session in one piece is understood, and answered in the order of its questions', async (t) => {
  const { sink, port } = await openKey(t)
  const peer = await RawPeer.connect(t, port)

  peer.send(
    plainHandshake, connectCommand, command('releaseStream', 2, null, streamKey), command('FCPublish', 3, null, streamKey), command('_checkbw', 4, null),
    command('createStream', 5, null), command('publish', 6, null, streamKey, 'live'), message(18, encodeAmf0('@setDataFrame', 'onMetaData', { audiocodecid: 10 })),
    audio(aacConfig(monoConfig)), message(9, Buffer.alloc(5000)), audio(aacFrame(numbered(1)))
  )
  await sink.until(() => sink.frames.length === 1)
  await peer.untilStatus('NetStream.Publish.Start')

  assert.deepEqual(commandsIn(peer.received).map(([name, transaction]) => [name, transaction]), [['_result', 1], ['_result', 2], ['_result', 3], ['_result', 5], ['onStatus', 0]])
})

test('a session with a digest is served', async (t) => {
  const { sink, port } = await openKey(t)
  const c1 = Buffer.alloc(1536, 1)
  c1.writeUInt32BE(0x09007c02, 4)
  c1.fill(0, 8, 12)
  createHmac('sha256', 'Genuine Adobe Flash Player 001').update(c1.subarray(0, 12)).update(c1.subarray(44)).digest().copy(c1, 12)
  const peer = await RawPeer.connect(t, port)

  peer.send(Buffer.of(3), c1)
  const answer = await peer.until((received) => received.length >= 3073)
  peer.send(Buffer.alloc(1536), connectCommand, publishCommands, audio(aacConfig(monoConfig)))
  await sink.until(() => sink.configs.length === 1)

  assert.notEqual(answer.readUInt32BE(5), 0)
})

test('commands in AMF3 dress are understood', async (t) => {
  const { sink, port } = await openKey(t)
  const peer = await RawPeer.connect(t, port)
  const dressed = (...values: Parameters<typeof encodeAmf0>): Buffer => message(17, Buffer.concat([Buffer.of(0), encodeAmf0(...values)]))

  peer.send(
    plainHandshake, dressed('connect', 1, { app: 'roomtape', objectEncoding: 3 }), dressed('createStream', 2, null), dressed('publish', 3, null, streamKey),
    audio(aacConfig(monoConfig))
  )
  await sink.until(() => sink.configs.length === 1)
})

test('an aggregate message is taken apart', async (t) => {
  const { sink, port } = await openKey(t)
  const peer = await RawPeer.connect(t, port)
  const tag = (type: number, timestampMs: number, body: Buffer): Buffer => {
    const head = Buffer.alloc(11)
    head[0] = type
    head.writeUIntBE(body.length, 1, 3)
    head.writeUIntBE(timestampMs, 4, 3)
    return Buffer.concat([head, body, Buffer.alloc(4)])
  }

  peer.send(opening, audio(aacConfig(monoConfig)), message(22, Buffer.concat([
    tag(8, 100, aacFrame(numbered(1))), tag(9, 110, Buffer.alloc(3000)), tag(8, 121, aacFrame(numbered(2)))
  ]), { timestampMs: 5000 }))
  await sink.until(() => sink.frames.length === 2)

  assert.deepEqual(sink.frames, [numbered(1), numbered(2)])
  assert.deepEqual(sink.timestamps, [5000, 5021])
})

test('a ping is answered with what it carried', async (t) => {
  const { port } = await openIngest(t)
  const peer = await RawPeer.connect(t, port)

  peer.send(plainHandshake, message(4, Buffer.from('0006cafe0001', 'hex'), { id: 2 }))

  await peer.until((received) => received.includes(Buffer.from('0007cafe0001', 'hex')))
})

test('how much has arrived is acknowledged as often as the peer wants to hear it', async (t) => {
  const { port } = await openKey(t)
  const peer = await RawPeer.connect(t, port)
  const windowBytes = 20_000

  peer.send(opening, message(5, Buffer.of(0, 0, windowBytes >> 8, windowBytes & 0xff), { id: 2 }))
  await peer.untilStatus('NetStream.Publish.Start')
  const before = peer.received.length
  peer.send(message(9, Buffer.alloc(windowBytes), { id: 6 }))
  const received = await peer.until((bytes) => bytes.length >= before + 16)

  assert.equal(received.readUInt8(before + 7), 3)
  assert.ok(received.readUInt32BE(before + 12) >= windowBytes)
})

test('a publisher may end one publish and begin the next on the same connection', async (t) => {
  const { sink, port } = await openKey(t)
  const peer = await RawPeer.connect(t, port)

  peer.send(opening, audio(aacConfig(monoConfig)), command('FCUnpublish', 4, null, streamKey), command('deleteStream', 5, null, 1), publishCommands, audio(aacConfig(monoConfig)))
  await sink.until(() => sink.configs.length === 2)

  assert.deepEqual(sink.ends, ['disconnected'])
})

for (const [what, tag] of [['no bytes', ''], ['a lone format byte', 'af'], ['an empty configuration', 'af00'], ['an empty frame', 'af01']]) {
  test(`an audio tag of ${what} changes nothing`, async (t) => {
    const { sink, port } = await openKey(t)
    const peer = await RawPeer.connect(t, port)

    peer.send(opening, audio(Buffer.from(tag!, 'hex')), audio(aacConfig(monoConfig)), audio(Buffer.from(tag!, 'hex')), audio(aacFrame(numbered(1))))
    await sink.until(() => sink.frames.length === 1)

    assert.deepEqual(sink.events.map(({ type }) => type), ['configure', 'write'])
  })
}

test('of several streams on a connection the one that publishes counts: answers carry its number, and deleting others ends nothing', async (t) => {
  const { sink, port } = await openKey(t)
  const peer = await RawPeer.connect(t, port)
  const on = (streamId: number, ...values: Parameters<typeof encodeAmf0>): Buffer => message(20, encodeAmf0(...values), { streamId })

  peer.send(
    plainHandshake, connectCommand, command('createStream', 2, null), command('createStream', 3, null), on(2, 'publish', 4, null, streamKey),
    on(0, 'deleteStream', 5, null, 1), on(1, 'closeStream', 6, null), message(8, aacConfig(monoConfig), { id: 4, streamId: 2 })
  )
  await sink.until(() => sink.configs.length === 1)
  assert.deepEqual(sink.ends, [])
  peer.send(on(0, 'deleteStream', 7, null, 2))
  await peer.untilStatus('NetStream.Unpublish.Success')

  assert.deepEqual(sink.ends, ['disconnected'])
  assert.deepEqual(commandsIn(peer.received).filter(([name]) => name === '_result').map((values) => values[3]).slice(1), [1, 2])
  const start = peer.received.indexOf('onStatus')
  assert.equal(peer.received.readUInt32LE(start - 3 - 4), 2)
})

for (const [what, ending] of [['FCUnpublish', command('FCUnpublish', 4, null, streamKey)], ['deleteStream', command('deleteStream', 5, null, 1)], ['closeStream', command('closeStream', 6, null)]] as const) {
  test(`${what} alone ends the publish, and what comes after it of the others changes nothing`, async (t) => {
    const { sink, port } = await openKey(t)
    const peer = await RawPeer.connect(t, port)

    peer.send(opening, audio(aacConfig(monoConfig)), ending, command('closeStream', 7, null), command('deleteStream', 8, null, 1), command('FCUnpublish', 9, null), publishCommands, audio(aacConfig(monoConfig)))
    await sink.until(() => sink.configs.length === 2)

    assert.deepEqual(sink.ends, ['disconnected'])
  })
}

const enhanced = (type: number, payload: Uint8Array): Buffer => Buffer.concat([Buffer.of(0x90 | type), Buffer.from('mp4a'), payload])

test('AAC in Enhanced RTMP is recorded, and its publisher hears that we take it', async (t) => {
  const { sink, port } = await openKey(t)
  const peer = await RawPeer.connect(t, port)
  const nanoOffset = Buffer.concat([Buffer.from('970200002a01', 'hex'), Buffer.from('mp4a'), numbered(2)]) // ModEx of 3 bytes before a frame
  const multitrack = Buffer.concat([Buffer.from('9501', 'hex'), Buffer.from('Opus'), Buffer.of(1), numbered(3)])

  peer.send(
    plainHandshake, command('connect', 1, { app: 'roomtape', fourCcList: ['av01', 'mp4a', 'Opus'] }), publishCommands,
    audio(enhanced(0, monoConfig)), audio(enhanced(1, numbered(1))), audio(nanoOffset), audio(multitrack), audio(enhanced(4, Buffer.alloc(9))),
    audio(enhanced(2, Buffer.alloc(0))), audio(aacFrame(numbered(4)))
  )
  await sink.until(() => sink.frames.length === 3)
  await peer.untilStatus('NetStream.Publish.Start')

  assert.deepEqual(sink.frames, [numbered(1), numbered(2), numbered(4)])
  assert.partialDeepStrictEqual(commandsIn(peer.received)[0]?.[3], { fourCcList: ['mp4a'], audioFourCcInfoMap: { mp4a: 1 } })
})

test('HE-AAC is taken, described by its core', async (t) => {
  const { sink, port } = await openKey(t)
  const peer = await RawPeer.connect(t, port)

  peer.send(opening, audio(aacConfig(Buffer.from('2b098800', 'hex'))), audio(aacFrame(numbered(1))))
  await sink.until(() => sink.frames.length === 1)

  assert.partialDeepStrictEqual(sink.configs, [{ sampleRate: 24_000, channels: 1, frameSamples: 1024 }])
})

for (const version of [0, 1, 6, 31]) {
  test(`a publisher that opens with version ${version} is answered with 3 and served`, async (t) => {
    const { sink, port } = await openKey(t)
    const peer = await RawPeer.connect(t, port)

    peer.send(Buffer.of(version), opening.subarray(1), audio(aacConfig(monoConfig)))
    await sink.until(() => sink.configs.length === 1)

    assert.equal((await peer.until((received) => received.length > 0))[0], 3)
  })
}

test('times wrap within an aggregate and from one to the next', async (t) => {
  const { sink, port } = await openKey(t)
  const peer = await RawPeer.connect(t, port)
  const tag = (timestampMs: number, index: number): Buffer => {
    const body = aacFrame(numbered(index))
    const head = Buffer.alloc(11)
    head[0] = 8
    head.writeUIntBE(body.length, 1, 3)
    head.writeUIntBE(timestampMs & 0xffffff, 4, 3)
    head[7] = timestampMs >>> 24
    return Buffer.concat([head, body, Buffer.alloc(4)])
  }

  const first = message(22, Buffer.concat([tag(0xfffffff0, 1), tag(5, 2)]), { timestampMs: 0xfffffff0 })
  const second = message(22, Buffer.concat([tag(26, 3), tag(47, 4)]), { timestampMs: 26 })
  peer.send(opening, audio(aacConfig(monoConfig)), first, second)
  await sink.until(() => sink.frames.length === 4)

  assert.deepEqual(sink.timestamps, [0xfffffff0, 5, 26, 47])
})
