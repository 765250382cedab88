import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RoomtapeError } from '../../../src/core/errors.ts'
import { decodeAmf0, encodeAmf0, type Amf0Value } from '../../../src/rtmp/protocol/amf0.ts'

const { value } = fc.letrec<{ value: Amf0Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.double(), fc.boolean(), fc.string({ unit: 'binary' }), fc.constant(null), fc.constant(undefined),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString')), tie('value'), { maxKeys: 5, noNullPrototype: false })
      .map((object) => Object.assign(Object.create(null) as object, object))
  )
}))

test('what was written is read back', () => {
  fc.assert(fc.property(fc.array(value, { maxLength: 5 }), (values) => {
    assert.deepEqual(decodeAmf0(encodeAmf0(...values)), values)
  }))
})

test('a string of more than 65535 bytes is read back', () => {
  const long = 'ü'.repeat(40_000)

  assert.deepEqual(decodeAmf0(encodeAmf0(long)), [long])
})

test('any bytes are read or refused as invalid', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
    try {
      decodeAmf0(bytes)
    } catch (error) {
      assert.ok(error instanceof RoomtapeError)
      assert.equal(error.error, 'VALIDATION')
    }
  }), { numRuns: 1000 })
})

test('the kinds that only some publishers send are read', () => {
  const date = Buffer.alloc(11)
  date[0] = 0x0b
  date.writeDoubleBE(1_767_225_600_000, 1)
  const ecmaArray = Buffer.from('0800000001000161050000' + '09', 'hex') // { a: null }, announced as one pair
  const typedObject = Buffer.from('10000154' + '0001610100' + '000009', 'hex') // T { a: false }
  const xml = Buffer.from('0f000000023c2f', 'hex')
  const reference = Buffer.from('070000', 'hex')
  const unsupported = Buffer.from('0d', 'hex')

  const [time, array, object, text, ...none] = decodeAmf0(Buffer.concat([date, ecmaArray, typedObject, xml, reference, unsupported]))

  assert.equal(time, 1_767_225_600_000)
  assert.deepEqual({ ...array as object }, { a: null })
  assert.deepEqual({ ...object as object }, { a: false })
  assert.equal(text, '</')
  assert.deepEqual(none, [undefined, undefined])
})

const refused: [string, Buffer][] = [
  ['nesting without end', Buffer.concat(Array.from({ length: 100 }, () => Buffer.from('03000161', 'hex')))],
  ['arrays within arrays without end', Buffer.from('0a00000001'.repeat(100), 'hex')],
  ['an array that announces more than there is', Buffer.from('0affffffff05', 'hex')],
  ['a string that announces more than there is', Buffer.from('02ffff61', 'hex')],
  ['a long string that announces four gigabytes', Buffer.from('0cffffffff61', 'hex')],
  ['more values than a command has', Buffer.alloc(2000, 0x05)],
  ['an object without an end', Buffer.from('0300016105', 'hex')],
  ['a number that is cut off', Buffer.from('0040', 'hex')],
  ['AMF3 in the midst', Buffer.from('1101', 'hex')],
  ['an unknown marker', Buffer.from('42', 'hex')]
]
for (const [what, bytes] of refused) {
  test(`${what}: refused`, () => {
    assert.throws(() => decodeAmf0(bytes), { error: 'VALIDATION' })
  })
}

test('a name like __proto__ changes no object but its own', () => {
  const [object] = decodeAmf0(Buffer.from('030009' + Buffer.from('__proto__').toString('hex') + '03000178050000090000' + '09', 'hex'))

  assert.ok(object !== null && typeof object === 'object')
  assert.equal('x' in object, false)
  assert.equal(Object.getPrototypeOf(object), null)
})
