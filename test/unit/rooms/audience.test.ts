import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSubscribed, labelOf } from '../../../src/rooms/audience.ts'

test('everyone is subscribed unless named otherwise, and who is excluded stays out', () => {
  assert.equal(isSubscribed({}, 'anna'), true)
  assert.equal(isSubscribed({ userIds: [] }, 'anna'), false)
  assert.equal(isSubscribed({ userIds: ['anna'] }, 'anna'), true)
  assert.equal(isSubscribed({ userIds: ['anna'] }, 'annabel'), false)
  assert.equal(isSubscribed({ userIds: ['anna*'] }, 'annabel'), true)
  assert.equal(isSubscribed({ userIds: ['*'], excludeUserIds: ['anna*'] }, 'annabel'), false)
  assert.equal(isSubscribed({ excludeUserIds: ['*'] }, 'anna'), false)
})

test('only a * at the end stands for something', () => {
  assert.equal(isSubscribed({ userIds: ['a*a'] }, 'anna'), false)
  assert.equal(isSubscribed({ userIds: ['a*a'] }, 'a*a'), true)
  assert.equal(isSubscribed({ userIds: ['.*'] }, 'anna'), false)
})

test('the first policy that fits gives the label', () => {
  const policies = [{ userIds: ['child-*'], label: 'strict' }, { userIds: ['child-1', 'host'], label: 'lenient' }]

  assert.deepEqual(['child-1', 'host', 'guest'].map((userId) => labelOf(policies, userId)), ['strict', 'lenient', ''])
})
