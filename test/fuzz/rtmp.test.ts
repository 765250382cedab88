import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { ChunkReader } from '../../src/rtmp/protocol/chunk-reader.ts'
import { defaultChunkLimits } from '../../src/rtmp/protocol/chunk-limits.ts'
import { RoomtapeError } from '../../src/core/errors.ts'
import { connectPublisher } from '../../src/sandbox/rtmp-publisher.ts'
import { aacConfig, aacFrame, audio, basicHeader, header, message, monoConfig, numbered, opening, openIngest, plainHandshake, RawPeer, RecordingSink, streamKey } from '../helpers/rtmp.ts'
import { runs } from '../helpers/fuzz.ts'

const corpus = new URL('../corpus/rtmp/', import.meta.url)
/** Whole sessions of real publishers, see test/corpus/README.md, and inputs that once broke something. */
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
const limits = { ...defaultChunkLimits, messageBytes: 4096, chunkStreams: 8 }
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

/** Offsets at which chunks begin, behind a handshake. */
function chunkStarts (bytes: Buffer): number[] {
  const starts: number[] = []
  const reader = new ChunkReader(defaultChunkLimits, () => undefined)
  try {
    for (let at = 0; at < bytes.length; at++) {
      const before = reader.chunks
      reader.push(bytes, at, at + 1)
      if (reader.chunks > before) starts.push(at)
    }
  } catch { /* a finding of old is not a session to its end */ }
  return starts
}

const cuttable = sessions.map(({ bytes }) => ({ bytes, starts: [0, ...chunkStarts(bytes.subarray(handshakeLength)).map((start) => start + handshakeLength)] }))

/** A session with bits flipped, bytes set, cut out, doubled or taken from another session, anywhere or where a chunk begins, behind the place given. */
function mutated (from: number): fc.Arbitrary<Buffer> {
  const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
  const change = fc.record({
    kind: fc.constantFrom('flip', 'set', 'cut', 'double', 'splice'),
    isAtChunk: fc.boolean(),
    share,
    value: fc.oneof(fc.nat(255), fc.constantFrom(0x00, 0x7f, 0x80, 0xc4, 0xff)),
    length: fc.oneof(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 4000 })),
    other: fc.constantFrom(...cuttable),
    otherShare: share
  })
  return fc.record({ session: fc.constantFrom(...cuttable), changes: fc.array(change, { minLength: 1, maxLength: 8 }) }).map(({ session, changes }) => {
    let bytes = Buffer.from(session.bytes)
    for (const { kind, isAtChunk, share, value, length, other, otherShare } of changes) {
      const anywhere = from + Math.floor(share * Math.max(0, bytes.length - from))
      const at = Math.min(bytes.length - 1, isAtChunk ? Math.max(from, session.starts[Math.floor(share * session.starts.length)]!) : anywhere)
      const begin = other.starts[Math.floor(otherShare * other.starts.length)]!
      const inserted = { flip: [], set: [], cut: [], double: [bytes.subarray(at, at + length)], splice: [other.bytes.subarray(begin, begin + length)] }[kind]
      if (bytes.length === 0) break
      if (kind === 'flip') bytes[at]! ^= 1 << value % 8
      else if (kind === 'set') bytes[at] = value
      else bytes = Buffer.concat([bytes.subarray(0, at), ...inserted, bytes.subarray(at + (kind === 'cut' ? length : 0))])
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
      assert.ok(reader.messages <= reader.chunks && reader.chunks <= bytes.length, 'a byte makes more than one step')
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
  }), runs(3000))
})

/** Sends the bytes, hangs up, and waits until the ingest has closed the connection. */
async function send (t: TestContext, port: number, bytes: Buffer): Promise<void> {
  const peer = await RawPeer.connect(t, port)
  peer.socket.end(bytes)
  await peer.closed
}

/** Small bounds, so that a short hostile connection can reach them. */
const tight = { sharedBytes: 20_000, ownBytes: 1000, messageBytes: 20_000, waiting: 3 }
const hostileAtOnce = 4

async function besideHealthyStream (t: TestContext, attack: (port: number, check: () => Promise<void>) => Promise<void>): Promise<void> {
  const { ingest, port, faults } = await openIngest(t, { limits: tight })
  const sink = new RecordingSink()
  const healthyKey = 'healthy-key-0123456789'
  ingest.expect(healthyKey, sink)
  ingest.expect(streamKey, new RecordingSink())
  const publisher = await connectPublisher(`rtmp://127.0.0.1:${port}/roomtape/${healthyKey}`, { signal: t.signal })
  t.after(() => publisher.close())
  publisher.configure(monoConfig)

  let sent = 0
  await attack(port, async () => {
    publisher.write(numbered(sent), sent * 21)
    sent++
    await sink.until(() => sink.frames.length === sent)
    assert.deepEqual(faults, [])
    const { keptBytes } = ingest.stats()
    assert.ok(keptBytes <= tight.sharedBytes + (hostileAtOnce + 1) * tight.ownBytes, `${keptBytes} bytes are kept`)
  })

  assert.deepEqual(sink.frames, Array.from({ length: sent }, (_, index) => numbered(index)))
  assert.deepEqual(sink.ends, [])
  assert.partialDeepStrictEqual(ingest.stats(), { connections: 1, waiting: 0, keptBytes: 0 })
}

const anything = fc.oneof(
  { weight: 3, arbitrary: mutated(0) },
  { weight: 3, arbitrary: chunkSoup.map((soup) => Buffer.concat([opening, audio(aacConfig(monoConfig)), soup])) },
  { weight: 2, arbitrary: chunkSoup.map((soup) => Buffer.concat([plainHandshake, soup])) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 4000 }).map((bytes) => Buffer.from(bytes)) }
)

test('sessions with changed bytes, chunk soup and noise, several at once, end their own connections only, and are kept within bounds', async (t) => {
  await besideHealthyStream(t, async (port, check) => {
    const attack = async (attackers: Buffer[]): Promise<void> => {
      const peers = await Promise.all(attackers.map(() => RawPeer.connect(t, port)))
      for (const [index, peer] of peers.entries()) peer.send(attackers[index]!)
      await check() // while they are there
      for (const peer of peers) peer.socket.end()
      await Promise.all(peers.map((peer) => peer.closed))
      await check()
    }
    let running = Promise.resolve()
    await fc.assert(fc.asyncProperty(fc.array(anything, { minLength: 1, maxLength: hostileAtOnce }), async (attackers) => {
      running = attack(attackers)
      await running
    }), runs(150))
    await running // FUZZ_SECONDS ends the waiting for the last one, not the one itself
  })
})

for (const { name, bytes } of sessions) {
  test(`the session '${name}' does no harm, wherever it breaks off`, async (t) => {
    await besideHealthyStream(t, async (port, check) => {
      for (let end = 1; end <= bytes.length; end += 293) await send(t, port, bytes.subarray(0, end))
      await check()
    })
  })
}
