import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RoomtapeError } from '../../../src/core/errors.ts'
import { aacTag, audioTagOf, visitAggregate, type AudioTag } from '../../../src/media/flv.ts'

const kinds: [string, AudioTag][] = [
  ['', 'empty'],
  ['af', 'empty'],
  ['af00', 'empty'],
  ['af01', 'empty'],
  ['af02ff', 'empty'],
  ['af001188', 'config'],
  ['af01ff', 'frame'],
  ['a001ff', 'frame'],
  ['2fffff', 'other-codec'],
  ['b200', 'other-codec'],
  ['90', 'enhanced'],
  ['906d703461', 'enhanced']
]
for (const [hex, kind] of kinds) {
  test(`an audio tag of ${hex === '' ? 'no bytes' : hex} is ${kind}`, () => {
    const bytes = Buffer.from(`ffff${hex}af01ff`, 'hex')

    assert.equal(audioTagOf(bytes, 2, 2 + hex.length / 2), kind)
  })
}

test('a tag that was made is recognised and holds its payload', () => {
  fc.assert(fc.property(fc.constantFrom('config', 'frame'), fc.uint8Array({ minLength: 1 }), (kind, payload) => {
    const tag = aacTag(kind, payload)

    assert.equal(audioTagOf(tag, 0, tag.length), kind)
    assert.deepEqual(new Uint8Array(tag.subarray(2)), payload)
  }))
})

interface Tag { type: number, timestampMs: number, body: Uint8Array }

function aggregate (tags: Tag[]): Buffer {
  return Buffer.concat(tags.flatMap(({ type, timestampMs, body }) => {
    const header = Buffer.alloc(11)
    header[0] = type
    header.writeUIntBE(body.length, 1, 3)
    header.writeUIntBE(timestampMs & 0xffffff, 4, 3)
    header[7] = timestampMs >>> 24
    const pointer = Buffer.alloc(4)
    pointer.writeUInt32BE(11 + body.length)
    return [header, body, pointer]
  }))
}

function visited (bytes: Buffer, timestampMs: number): Tag[] {
  const tags: Tag[] = []
  visitAggregate(bytes, 0, bytes.length, timestampMs, (type, timestampMs, bytes, start, end) => {
    tags.push({ type, timestampMs, body: Uint8Array.from(bytes.subarray(start, end)) })
  })
  return tags
}

const anyTag = fc.record({ type: fc.nat(255), timestampMs: fc.nat(0xffffffff), body: fc.uint8Array({ maxLength: 50 }) })

test('the tags of an aggregate keep their distances, counted from the time of the message', () => {
  fc.assert(fc.property(fc.array(anyTag, { minLength: 1 }), fc.nat(0xffffffff), (tags, timestampMs) => {
    const firstMs = tags[0]!.timestampMs

    assert.deepEqual(visited(aggregate(tags), timestampMs), tags.map((tag) => ({ ...tag, timestampMs: (timestampMs + tag.timestampMs - firstMs) >>> 0 })))
  }))
})

test('an aggregate may lack the back pointer behind its last tag', () => {
  const bytes = aggregate([{ type: 8, timestampMs: 5, body: Buffer.of(1) }])

  assert.equal(visited(bytes.subarray(0, -4), 0).length, 1)
})

test('an aggregate of any bytes is walked or refused as invalid', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
    try {
      visited(Buffer.from(bytes), 0)
    } catch (error) {
      assert.ok(error instanceof RoomtapeError)
      assert.equal(error.error, 'VALIDATION')
    }
  }), { numRuns: 1000 })
})
