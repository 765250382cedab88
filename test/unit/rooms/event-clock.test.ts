import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClockStep } from '../../../src/core/clock-steps.ts'
import { aheadNow, aheadThen, EventClock } from '../../../src/rooms/event-clock.ts'
import { eventIn, roomIn, sourceIn } from '../../../src/rooms/recording-time.ts'
import * as recorded from '../../helpers/recorded.ts'
import * as states from '../../helpers/plan-states.ts'

const corrected: ClockStep[] = [{ atMs: 10_000, stepMs: -30_000 }]
const mistaken: ClockStep[] = [{ atMs: 10_000, stepMs: 200_000 }]

test('of the newest events the least delayed tells how far TRTC\'s clock is ahead', () => {
  const clock = new EventClock()
  assert.deepEqual([clock.aheadMs, clock.lastAheadMs], [undefined, undefined])
  for (const delayMs of [40, 5_000, 25, 59_000]) clock.note(100_000 - 30_000, 100_000 + delayMs)
  assert.deepEqual([clock.aheadMs, clock.lastAheadMs], [-30_025, -89_000])
  for (let count = 0; count < 20; count++) clock.note(1_000, 1_010)
  assert.equal(clock.aheadMs, -10, 'older ones are forgotten')
})

test('a step that set the wall clock right says how far TRTC is ahead of the recording; one that set it wrong does not', () => {
  assert.equal(aheadNow([], -29_000), 0)
  assert.equal(aheadNow(corrected, undefined), 0)
  assert.equal(aheadNow(corrected, -30_040), -30_000)
  assert.equal(aheadNow(mistaken, -40), 0)
  assert.equal(aheadNow([...mistaken, { atMs: 20_000, stepMs: -200_000 }], -5_000), 0)
})

test('each event says by when it was sent which of the clocks it goes by, also one that comes late', () => {
  for (const delayMs of [0, 20, 9_000, 55_000]) {
    assert.equal(aheadThen(mistaken, { sentMs: 50_000, receivedMs: 50_000 + delayMs }), 0, `wrong since, ${delayMs} ms late`)
    assert.equal(aheadThen([{ atMs: 1, stepMs: -200_000 }], { sentMs: 50_000, receivedMs: 50_000 + delayMs }), 0)
    if (delayMs < 20_000) assert.equal(aheadThen(corrected, { sentMs: 50_000 - 30_000, receivedMs: 50_000 + delayMs }), -30_000, `right since, ${delayMs} ms late`)
  }
})

test('without a step events stay as they are; with one they move to the recording\'s time', () => {
  const told = recorded.event(203, 20, 'anna')
  assert.equal(eventIn(told, recorded.at(20), recorded.recording()), told)
  const recording = recorded.recording({ clockAheadMs: 500, clockSteps: [{ atMs: recorded.at(5), stepMs: -30_000 }] })
  const moved = eventIn(told, recorded.at(50) - 500, recording)
  assert.ok('eventMs' in moved && 'eventMs' in told)
  assert.equal(moved.eventMs - told.eventMs, 30_000)
})

test('rows that the gateway dated are read by the recording\'s clock; what never was stays so, and so does what only events are compared with', () => {
  const source = states.source('src_1', 'anna', { toldMs: 10, failedMs: null, idleMs: 30, stopAskedMs: null, relayStatusMs: 40 })
  const moved = sourceIn(source, { clockAheadMs: 5 })
  assert.deepEqual([moved.toldMs, moved.failedMs, moved.idleMs, moved.stopAskedMs, moved.relayStatusMs], [15, null, 35, null, 40])
  assert.equal(sourceIn(source, { clockAheadMs: 0 }), source)

  const room = { dismissedMs: 0, lastAnchoredMs: 1_000, members: [states.member('anna', { presentMs: 1_000, kickedMs: 0, lastEventMs: 1_000, heardMs: 2_000, unconfirmedMs: null })] }
  const { dismissedMs, lastAnchoredMs, members: [anna] } = roomIn(room, { clockAheadMs: 5 }, -300)
  assert.deepEqual([dismissedMs, lastAnchoredMs], [0, 1_300])
  assert.deepEqual([anna?.presentMs, anna?.kickedMs, anna?.lastEventMs, anna?.heardMs, anna?.unconfirmedMs], [1_300, 0, 1_000, 2_005, null])
})
