import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printJson } from '../../../src/sandbox/cloud/events.ts'
import { signBody } from '../../../src/trtc/sign.ts'

test('an event is printed and signed as in TRTC\'s published sample, byte by byte', () => {
  const body = Buffer.from(printJson({
    EventGroupId: 2,
    EventType: 204,
    CallbackTs: 1664209748188,
    EventInfo: { RoomId: 8489, EventTs: 1664209748, EventMsTs: 1664209748180, UserId: 'user_85034614', Reason: 0 }
  }))

  assert.equal(body.length, 207)
  assert.equal(signBody(body, '123654'), 'kkoFeO3Oh2ZHnjtg8tEAQhtXK16/KI05W3BQff8IvGA=')
})

test('what is printed reads back the same, whatever stands in the texts', () => {
  const value = { a: '": "\t\n主播', list: [1, 'x', { b: null }], empty: {}, none: [] }

  assert.deepEqual(JSON.parse(printJson(value)), value)
})
