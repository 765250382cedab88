import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRoomTold } from '../../../src/timeline/told.ts'
import { event, t0 } from '../../helpers/recorded.ts'

const anchor = { Role: 20 }

test('an event of the recording\'s time tells of the room, and so does one of before if the room was not dismissed since', () => {
  assert.equal(isRoomTold([], t0), false)
  assert.equal(isRoomTold([event(103, 5, 'anna', anchor)], t0), true)
  assert.equal(isRoomTold([event(102, 5, '')], t0), true)
  assert.equal(isRoomTold([event(103, -500, 'anna', { Role: 21 })], t0), true)
  assert.equal(isRoomTold([event(103, -500, 'anna', anchor), event(102, -20, ''), event(103, -10, 'anna', anchor)], t0), true)
})

test('a room that was dismissed before tells nothing, though events of its former life come late', () => {
  const former = [event(103, -500, 'anna', anchor), event(102, -20, ''), event(104, -21, 'anna', anchor)]

  for (const events of [former, former.toReversed()]) assert.equal(isRoomTold(events, t0), false)
  assert.equal(isRoomTold([...former, event(103, 3, 'ben', { Role: 21 })], t0), true)
})

test('a robot and a type that is not known tell nothing', () => {
  assert.equal(isRoomTold([event(103, 5, 'roomtape-NMh062z4vLnQ4exSU2FOJDu', anchor), event(199, 5, 'anna')], t0), false)
})
