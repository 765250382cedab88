import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { ChunkReader } from '../../src/capture/engines/relay/chunk-reader.ts'
import { defaultLimits } from '../../src/capture/engines/relay/limits.ts'
import { RoomtapeError } from '../../src/core/errors.ts'
import { connectPublisher } from '../../src/sandbox/rtmp-publisher.ts'
import { aacConfig, aacFrame, audio, basicHeader, header, message, monoConfig, numbered, opening, openIngest, plainHandshake, RawPeer, RecordingSink, streamKey } from '../helpers/rtmp.ts'

const corpus = new URL('../corpus/rtmp/', import.meta.url)
/** What publishers sent, whole sessions; and whatever once broke something. */
const sessions = [
  ...readdirSync(corpus).map((name) => ({ name, bytes: readFileSync(new URL(name, corpus)) })),
  {
    name: 'by hand',
    bytes: Buffer.concat([
      opening, message(1, Buffer.of(0, 0, 1, 0), { id: 2 }), audio(aacConfig(monoConfig)),
      ...[1, 2, 3].map((index) => audio(aacFrame(numbered(index, 400)), { timestampMs: 0x0100_0000 + index, chunkSize: 256 }))
    ])
  }
]
const limits = { ...defaultLimits, messageBytes: 4096, chunkStreams: 8 }
const handshakeLength = plainHandshake.length

/** A message of any type and length, not necessarily with all of it there. */
const anyChunk = fc.record({
  format: fc.constantFrom(0, 1, 2, 3),
  id: fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 2, max: 6 }) }, fc.integer({ min: 2, max: 65_599 })),
  type: fc.oneof(fc.constantFrom(1, 2, 3, 4, 5, 6, 8, 9, 17, 18, 20, 22), fc.nat(255)),
  timestampMs: fc.oneof(fc.nat(100), fc.constantFrom(0xffffff, 0x1000000, 0xffffffff), fc.nat(0xffffffff)),
  length: fc.oneof(fc.nat(300), fc.nat(0xffffff)),
  body: fc.uint8Array({ maxLength: 300, size: 'max' })
}).map(({ format, id, body, ...rest }) => Buffer.concat([header(format, { id, ...rest }), body]))

const chunkSoup = fc.array(fc.oneof({ weight: 5, arbitrary: anyChunk }, fc.tuple(fc.constantFrom(2, 3, 4), fc.uint8Array({ maxLength: 128 })).map(
  ([id, body]) => Buffer.concat([basicHeader(3, id), body])
)), { maxLength: 30 }).map((chunks) => Buffer.concat(chunks))

/** A session with bytes changed, cut out and doubled behind the place given. */
function mutated (from: number): fc.Arbitrary<Buffer> {
  const change = fc.record({
    kind: fc.constantFrom('set', 'cut', 'double'),
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    value: fc.oneof(fc.nat(255), fc.constantFrom(0x00, 0x7f, 0x80, 0xc4, 0xff)),
    length: fc.integer({ min: 1, max: 64 })
  })
  return fc.record({ session: fc.constantFrom(...sessions), changes: fc.array(change, { minLength: 1, maxLength: 8 }) }).map(({ session, changes }) => {
    let bytes = Buffer.from(session.bytes)
    for (const { kind, at: share, value, length } of changes) {
      const at = from + Math.floor(share * Math.max(0, bytes.length - from))
      if (kind === 'set') bytes[Math.min(at, bytes.length - 1)] = value
      else bytes = Buffer.concat([bytes.subarray(0, at), ...kind === 'cut' ? [] : [bytes.subarray(at, at + length)], bytes.subarray(at + (kind === 'cut' ? length : 0))])
    }
    return bytes
  })
}

/** Reads pieces of the given sizes in turn; gives what came out, as text, and whether it was refused. */
function readInPieces (bytes: Buffer, sizes: readonly number[]): { messages: string[], isRefused: boolean } {
  const messages: string[] = []
  const reader = new ChunkReader(limits, (type, timestampMs, bytes, start, end) => {
    messages.push(`${type} ${timestampMs} ${bytes.toString('hex', start, end)}`)
  })
  try {
    for (let at = 0, turn = 0; at < bytes.length; turn++) {
      const size = sizes[turn % sizes.length]!
      const piece = Buffer.from(bytes.subarray(at, at + size))
      reader.push(piece, 0, piece.length)
      assert.ok(reader.heldBytes >= 0 && reader.heldBytes <= 2 * limits.messageBytes, `${reader.heldBytes} bytes are held`)
      piece.fill(0xee)
      at += size
    }
    return { messages, isRefused: false }
  } catch (error) {
    assert.ok(error instanceof RoomtapeError)
    assert.equal(error.error, 'VALIDATION')
    return { messages, isRefused: true }
  }
}

const hostile = fc.oneof(
  chunkSoup,
  mutated(handshakeLength).map((session) => session.subarray(handshakeLength)),
  fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes))
)
const pieceSizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 2000 })), { minLength: 1, maxLength: 8 })

test('chunks of any kind are read or refused as invalid, hold no more than the bound, and mean the same however they are cut', () => {
  fc.assert(fc.property(hostile, pieceSizes, (bytes, sizes) => {
    assert.deepEqual(readInPieces(bytes, sizes), readInPieces(bytes, [Infinity]))
  }), { numRuns: 3000 })
})

/** Sends the bytes, hangs up, and waits until the ingest has let go. */
async function send (t: TestContext, port: number, bytes: Buffer): Promise<void> {
  const peer = await RawPeer.connect(t, port)
  peer.socket.end(bytes)
  await peer.closed
}

async function besideHealthyStream (t: TestContext, attack: (port: number, check: () => Promise<void>) => Promise<void>): Promise<void> {
  const { ingest, port, faults } = await openIngest(t)
  const sink = new RecordingSink()
  const healthyKey = 'healthy-key-0123456789'
  ingest.expect(healthyKey, sink)
  ingest.expect(streamKey, new RecordingSink())
  const publisher = await connectPublisher(`rtmp://127.0.0.1:${port}/roomtape/${healthyKey}`, { signal: AbortSignal.timeout(60_000) })
  t.after(() => publisher.close())
  publisher.configure(monoConfig)

  let sent = 0
  await attack(port, async () => {
    publisher.write(numbered(sent), sent * 21)
    sent++
    await sink.until(() => sink.frames.length === sent)
    assert.deepEqual(faults, [])
  })

  assert.deepEqual(sink.frames, Array.from({ length: sent }, (_, index) => numbered(index)))
  assert.deepEqual(sink.ends, [])
  assert.equal(ingest.stats().connections, 1)
}

test('sessions with changed bytes, chunk soup and noise end their own connection only', async (t) => {
  const anything = fc.oneof(
    { weight: 3, arbitrary: mutated(0) },
    { weight: 3, arbitrary: chunkSoup.map((soup) => Buffer.concat([opening, audio(aacConfig(monoConfig)), soup])) },
    { weight: 2, arbitrary: chunkSoup.map((soup) => Buffer.concat([plainHandshake, soup])) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 4000 }).map((bytes) => Buffer.from(bytes)) }
  )

  await besideHealthyStream(t, async (port, check) => {
    await fc.assert(fc.asyncProperty(anything, async (bytes) => {
      await send(t, port, bytes)
      await check()
    }), { numRuns: 400 })
  })
})

for (const { name, bytes } of sessions) {
  test(`the session '${name}' does no harm, wherever it breaks off`, async (t) => {
    await besideHealthyStream(t, async (port, check) => {
      for (let end = 1; end <= bytes.length; end += 97) await send(t, port, bytes.subarray(0, end))
      await check()
    })
  })
}
