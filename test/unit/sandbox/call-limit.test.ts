import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CallLimit } from '../../../src/sandbox/cloud/call-limit.ts'

const tooMany = { code: 'RequestLimitExceeded' }

test('any second takes 20 calls of an action, and the 21st when the oldest is a second old', () => {
  const limit = new CallLimit()
  for (let call = 0; call < 20; call++) limit.take('Start', 'a', call * 40)

  assert.throws(() => { limit.take('Start', 'a', 800) }, tooMany)
  assert.throws(() => { limit.take('Start', 'a', 999) }, tooMany)
  limit.take('Start', 'a', 1_000)
  assert.throws(() => { limit.take('Start', 'a', 1_039) }, tooMany)
  limit.take('Start', 'a', 1_040)
})

test('calls of another action, or of another account, do not count', () => {
  const limit = new CallLimit()
  for (let call = 0; call < 20; call++) limit.take('Start', 'a', 0)

  assert.throws(() => { limit.take('Start', 'a', 0) }, tooMany)
  limit.take('Stop', 'a', 0)
  limit.take('Start', 'b', 0)
})
