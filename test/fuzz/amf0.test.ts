import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RoomtapeError } from '../../src/core/errors.ts'
import { decodeAmf0, type Amf0Value } from '../../src/rtmp/protocol/amf0.ts'
import { runs } from '../helpers/fuzz.ts'

const lengths = fc.oneof(fc.nat(8), fc.constantFrom(0xffff, 0x7fffffff, 0xffffffff))
const uint32 = (value: number): Buffer => Buffer.of(value >>> 24, value >>> 16, value >>> 8, value)

/** One marker with what may follow it: lengths that lie, references in circles, ends that are missing. */
const piece = fc.oneof(
  fc.constantFrom(
    '0300016103', '0a00000001', '08ffffffff000161', '10000161000162', '070000', '07ffff', '000009', '05', '0600', '0b' + '00'.repeat(10)
  ).map((hex) => Buffer.from(hex, 'hex')),
  fc.tuple(fc.constantFrom(0x0a, 0x08, 0x0c, 0x0f), lengths).map(([kind, length]) => Buffer.concat([Buffer.of(kind), uint32(length)])),
  fc.tuple(fc.constantFrom(0x02, 0x03), fc.nat(0xffff), fc.uint8Array({ maxLength: 20 })).map(([kind, length, text]) => Buffer.concat([
    Buffer.of(kind, length >> 8, length), text
  ])),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes))
)
const bomb = fc.tuple(fc.array(piece, { maxLength: 30 }), fc.integer({ min: 1, max: 2000 })).map(([pieces, times]) => {
  const once = Buffer.concat(pieces)
  return Buffer.concat(Array.from({ length: Math.min(times, Math.ceil(100_000 / (once.length + 1))) }, () => once))
})

function sizeOf (value: Amf0Value): { values: number, depth: number } {
  if (typeof value !== 'object' || value === null) return { values: 1, depth: 0 }
  const inner = Object.values(value).map(sizeOf)
  return { values: 1 + inner.reduce((sum, { values }) => sum + values, 0), depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth)) }
}

test('AMF bombs are refused, or come to few values of little depth', () => {
  fc.assert(fc.property(bomb, (bytes) => {
    let values
    try {
      values = decodeAmf0(bytes)
    } catch (error) {
      assert.ok(error instanceof RoomtapeError && error.error === 'VALIDATION', String(error))
      return
    }
    const size = sizeOf(values)
    assert.ok(size.values <= 1025 && size.depth <= 18, `${size.values} values, ${size.depth} deep`)
  }), runs(1000))
})
