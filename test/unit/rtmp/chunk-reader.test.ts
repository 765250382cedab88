import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChunkReader } from '../../../src/rtmp/protocol/chunk-reader.ts'
import { defaultChunkLimits } from '../../../src/rtmp/protocol/chunk-limits.ts'
import { basicHeader, header, message, numbered } from '../../helpers/rtmp.ts'

interface Message { type: number, timestampMs: number, body: Buffer }

/** Reads the parts, by default at once, else in steps of `stepBytes`. */
function read (parts: Uint8Array[], { stepBytes = Infinity, limits = {} }: { stepBytes?: number, limits?: Partial<typeof defaultChunkLimits> } = {}) {
  const messages: Message[] = []
  const reader = new ChunkReader({ ...defaultChunkLimits, ...limits }, (type, timestampMs, bytes, start, end) => {
    messages.push({ type, timestampMs, body: Buffer.from(bytes.subarray(start, end)) })
  })
  const all = Buffer.concat(parts)
  for (let at = 0; at < all.length; at += stepBytes) {
    const piece = Buffer.from(all.subarray(at, at + stepBytes))
    reader.push(piece, 0, piece.length)
    piece.fill(0xee) // what is read later must not depend on it
  }
  return { messages, reader }
}

const times = ({ messages }: ReturnType<typeof read>): number[] => messages.map(({ timestampMs }) => timestampMs)
const bodies = ({ messages }: ReturnType<typeof read>): Buffer[] => messages.map(({ body }) => body)

for (const stepBytes of [Infinity, 1, 3, 17, 130]) {
  const how = stepBytes === Infinity ? 'at once' : `${stepBytes} at a time`

  test(`the four header forms tell time by step and by repetition, bytes coming ${how}`, () => {
    const body = numbered(1, 40)
    const result = read([
      header(0, { type: 8, timestampMs: 1000, length: 40 }), body,
      header(1, { type: 8, timestampMs: 21, length: 40 }), body,
      header(2, { type: 8, timestampMs: 22, length: 40 }), body,
      header(3, { type: 8, length: 40 }), body
    ], { stepBytes })

    assert.deepEqual(times(result), [1000, 1021, 1043, 1065])
    assert.deepEqual(bodies(result), [body, body, body, body])
  })

  test(`messages cut into chunks and woven together come whole, bytes coming ${how}`, () => {
    const [a, b] = [numbered(1, 300), numbered(2, 300)]
    const result = read([
      header(0, { id: 4, type: 8, length: 300 }), a.subarray(0, 128),
      header(0, { id: 64, type: 8, length: 300 }), b.subarray(0, 128),
      basicHeader(3, 64), b.subarray(128, 256), basicHeader(3, 4), a.subarray(128, 256), basicHeader(3, 4), a.subarray(256),
      basicHeader(3, 64), b.subarray(256)
    ], { stepBytes })

    assert.deepEqual(bodies(result), [a, b])
  })

  test(`an extended time is repeated by every continuing chunk, bytes coming ${how}`, () => {
    const body = numbered(7, 300)

    const result = read([message(8, body, { timestampMs: 0x0102_0304 }), message(8, body, { timestampMs: 0xffff_fff0 })], { stepBytes })

    assert.deepEqual(times(result), [0x0102_0304, 0xffff_fff0])
    assert.deepEqual(bodies(result), [body, body])
  })

  test(`a publisher that does not repeat an extended time is understood, also if its audio begins alike, bytes coming ${how}`, () => {
    const [a, b] = [numbered(7, 300), numbered(7, 300)]
    b.set([0x01, 0x02, 0x03], 128)

    const result = read([a, b].flatMap((body) => [
      header(0, { type: 8, timestampMs: 0x0102_0304, length: 300 }), body.subarray(0, 128),
      basicHeader(3, 4), body.subarray(128, 256), basicHeader(3, 4), body.subarray(256)
    ]), { stepBytes })

    assert.deepEqual(bodies(result), [a, b])
  })

  test(`chunk sizes from 1 byte up are obeyed, bytes coming ${how}`, () => {
    const body = numbered(3, 70)
    const size = (value: number): Buffer => Buffer.of(0, 0, value >> 8, value)

    const result = read([1, 7, 64, 4096].flatMap((chunkSize, index, sizes) => [
      message(1, size(chunkSize), { id: 2, chunkSize: sizes[index - 1] ?? 128 }), message(8, body, { chunkSize })
    ]), { stepBytes })

    assert.deepEqual(bodies(result), [body, body, body, body])
  })
}

test('a step over the end of 32 bit goes on at the beginning', () => {
  const body = numbered(1, 10)

  const result = read([header(0, { type: 8, timestampMs: 0xffff_fff0, length: 10 }), body, header(1, { type: 8, timestampMs: 0x20, length: 10 }), body])

  assert.deepEqual(times(result), [0xffff_fff0, 0x10])
})

test('a step may be extended, and the shortest form repeats it with its extension', () => {
  const body = numbered(1, 10)
  const stepMs = 0x0100_0000
  const extension = Buffer.of(1, 0, 0, 0)

  const result = read([
    header(0, { type: 8, timestampMs: 5, length: 10 }), body,
    header(2, { type: 8, timestampMs: stepMs, length: 10 }), body,
    basicHeader(3, 4), extension, body,
    header(2, { type: 8, timestampMs: 1, length: 10 }), body
  ])

  assert.deepEqual(times(result), [5, 5 + stepMs, 5 + 2 * stepMs, 6 + 2 * stepMs])
})

for (const id of [2, 3, 63, 64, 319, 320, 65_599]) {
  test(`chunk stream ${id} is read`, () => {
    const body = numbered(1, 200)

    assert.deepEqual(bodies(read([message(8, body, { id }), message(8, body, { id })])), [body, body])
  })
}

test('a first message may come in the short form 1, as librtmp sends it', () => {
  assert.deepEqual(times(read([header(1, { type: 8, timestampMs: 9, length: 1 }), Buffer.of(1)])), [9])
})

test('a message without a body is delivered', () => {
  assert.deepEqual(read([header(0, { type: 8, length: 0 }), message(8, Buffer.of(1))]).messages.map(({ body }) => body.length), [0, 1])
})

test('an aborted message is dropped, and the next on its stream comes whole', () => {
  const [lost, kept] = [numbered(1, 300), numbered(2, 300)]

  const half = [header(0, { type: 8, length: 300 }), lost.subarray(0, 128), message(2, Buffer.of(0, 0, 0, 4), { id: 2 })]

  assert.equal(read(half).reader.heldBytes, 0)
  assert.deepEqual(bodies(read([...half, message(8, kept)])), [kept])
})

test('video and metadata are stepped over, however long, and nothing of them is kept', () => {
  const limits = { messageBytes: 1000 }
  const video = Buffer.alloc(200_000, 9)

  const begun = read([message(9, video, { id: 6 }).subarray(0, 100_000)], { limits })
  const whole = read([message(9, video, { id: 6 }), message(18, video, { id: 5 }), message(8, Buffer.of(1))], { limits })

  assert.equal(begun.reader.heldBytes, 0)
  assert.deepEqual(bodies(whole), [Buffer.of(1)])
})

test('stepping over video allocates nothing', () => {
  const reader = new ChunkReader(defaultChunkLimits, () => assert.fail('video was delivered'))
  const videos = Buffer.concat(Array.from({ length: 100 }, () => message(9, Buffer.alloc(600, 9), { id: 6 })))
  const grown: number[] = []

  // 1000 messages a round: with an object each, a round would take 30 kB and more. Many rounds pay for compiling, a few end in a collection.
  for (let round = 0; round < 100; round++) {
    const before = process.memoryUsage()
    for (let turn = 0; turn < 10; turn++) reader.push(videos, 0, videos.length)
    const after = process.memoryUsage()
    grown.push(after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers)
  }

  assert.equal(reader.messages, 100_000)
  const low = grown.sort((a, b) => a - b)[10]!
  assert.ok(low < 10_000, `${low} bytes for 1000 messages`)
})

test('half a video may be aborted', () => {
  const { reader } = read([message(9, Buffer.alloc(300), { id: 6 }).subarray(0, 140), message(2, Buffer.of(0, 0, 0, 6), { id: 2 })])

  assert.equal(reader.heldBytes, 0)
})

test('memory is taken for what came, not for what is announced', () => {
  const before = process.memoryUsage().arrayBuffers

  const readers = Array.from({ length: 200 }, () => read([header(0, { type: 8, length: 250_000 }), Buffer.alloc(100)]).reader)

  assert.deepEqual([...new Set(readers.map((reader) => reader.heldBytes))], [512])
  assert.ok(process.memoryUsage().arrayBuffers - before < 5_000_000) // 50 MB are announced
})

test('after stop nothing more is read, not even the rest of the same bytes', () => {
  const seen: number[] = []
  const reader: ChunkReader = new ChunkReader(defaultChunkLimits, (_type, timestampMs) => {
    seen.push(timestampMs)
    reader.stop()
  })
  const bytes = Buffer.concat([message(8, Buffer.of(1), { timestampMs: 1 }), message(8, Buffer.of(1), { timestampMs: 2 })])

  reader.push(bytes, 0, bytes.length)
  reader.push(bytes, 0, bytes.length)

  assert.deepEqual(seen, [1])
})

const refused: [string, Uint8Array[]][] = [
  ['chunk size 0', [message(1, Buffer.alloc(4), { id: 2 })]],
  ['a chunk size over the limit', [message(1, Buffer.of(0, 0x10, 0, 1), { id: 2 })]],
  ['a chunk size with its top bit set', [message(1, Buffer.of(0x80, 0, 0, 1), { id: 2 })]],
  ['a cut-off chunk size', [message(1, Buffer.of(1), { id: 2 })]],
  ['a message over the limit', [header(0, { type: 20, length: 262_145 })]],
  ['half messages that together are over the limit', [1, 2, 3].map((index) => message(8, Buffer.alloc(200_000), { id: 10 + index }).subarray(0, 190_000))],
  ['too many chunk streams', Array.from({ length: 33 }, (_, index) => message(8, Buffer.of(1), { id: 3 + index }))],
  ['a short header that refers to nothing', [header(2, { type: 8, length: 1 })]],
  ['the shortest header that refers to nothing', [basicHeader(3, 9)]],
  ['a new message within an old one', [header(0, { type: 8, length: 300 }), Buffer.alloc(128), header(0, { type: 8, length: 300 })]]
]
for (const [what, parts] of refused) {
  test(`${what}: refused`, () => {
    assert.throws(() => read(parts), { error: 'VALIDATION' })
  })
}
