import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createApiKey, hashApiKey, matchesHash, parseApiKey } from '../../../src/core/api-key.ts'

test('a new key says its own id and matches its own hash only', () => {
  const { key, keyId, hash, lastFour } = createApiKey()

  assert.match(key, /^rt_live_[0-9A-Za-z]{10}_[0-9A-Za-z]{38}$/)
  assert.deepEqual(parseApiKey(key), { keyId })
  assert.equal(hash, hashApiKey(key))
  assert.ok(key.endsWith(lastFour))
  assert.ok(matchesHash(key, hash))
  assert.ok(!matchesHash(createApiKey().key, hash))
  assert.ok(!matchesHash(key, ''))
})

test('a key of the test environment says so', () => {
  const { key, keyId } = createApiKey('test')

  assert.ok(key.startsWith(`rt_test_${keyId}_`))
  assert.deepEqual(parseApiKey(key), { keyId })
})

test('a known key keeps its check digits, so that keys of older versions stay valid', () => {
  assert.deepEqual(parseApiKey('rt_test_AAAAAAAAAA_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB2RQa9T'), { keyId: 'AAAAAAAAAA' })
})

test('one wrong character anywhere is noticed without a look-up', () => {
  const { key } = createApiKey()

  fc.assert(fc.property(fc.nat(key.length - 1), fc.constantFrom('0', 'a', 'Z', '_', '-', '.', ' ', 'é'), (at, character) => {
    const typo = key.slice(0, at) + character + key.slice(at + 1)
    assert.deepEqual(parseApiKey(typo), typo === key ? parseApiKey(key) : undefined)
  }))
})

test('nothing else is a key', () => {
  const { key } = createApiKey()

  for (const text of ['', ` ${key}`, `${key}\n`, key.toUpperCase(), key.slice(0, -1), `${key}0`]) assert.equal(parseApiKey(text), undefined, JSON.stringify(text))
  fc.assert(fc.property(fc.string(), (text) => { assert.equal(parseApiKey(text), undefined) }))
})
