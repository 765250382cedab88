import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { createSeal } from '../../../src/core/seal.ts'

const masterKey = randomBytes(32)
const broken = { name: 'RoomtapeError', error: 'SEAL_BROKEN' }

test('any text opens again in the context it was sealed in', () => {
  const { seal, open } = createSeal(masterKey)

  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, context) => {
    assert.equal(open(seal(text, context), context), text)
  }))
})

test('the same text is sealed differently each time and cannot be read', () => {
  const { seal } = createSeal(masterKey)

  const first = seal('a well known secret', 'app/1400000001')
  const second = seal('a well known secret', 'app/1400000001')

  assert.notEqual(first, second)
  assert.ok(!Buffer.from(first, 'base64url').includes('well known'))
})

test('sealed text does not open with another key or in another context', () => {
  const sealed = createSeal(masterKey).seal('secret', 'app/1')

  assert.throws(() => createSeal(randomBytes(32)).open(sealed, 'app/1'), broken)
  assert.throws(() => createSeal(masterKey).open(sealed, 'app/2'), broken)
})

test('no single changed byte goes unnoticed, and garbage is refused', () => {
  const { seal, open } = createSeal(masterKey)
  const bytes = Buffer.from(seal('secret', 'app/1'), 'base64url')

  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes)
    changed[at]! ^= 1
    assert.throws(() => open(changed.toString('base64url'), 'app/1'), broken, `byte ${at}`)
  }
  fc.assert(fc.property(fc.string(), (garbage) => { assert.throws(() => open(garbage, 'app/1'), broken) }))
})

test('a seal that does not open names the place, never what is in it', () => {
  const sealed = createSeal(masterKey).seal('secret', 'app/1')

  assert.throws(() => createSeal(masterKey).open(sealed, 'app/2'), (error: Error) => error.message.includes('app/2') && !error.message.includes(sealed))
})
