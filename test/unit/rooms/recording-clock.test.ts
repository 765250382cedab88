import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GatewayClock, SteadyClock } from '../../../src/core/clock.ts'
import type { RecordingRow } from '../../../src/state/recordings.ts'
import { adoptClock, beginClock, clockOf } from '../../../src/rooms/recording-clock.ts'

const createdMs = 1_767_225_600_000
const here = new GatewayClock(createdMs, 'this boot')

/** A wall clock that stands still. */
const wallAt = (nowMs: number) => ({ now: () => nowMs })

function clockRow (change: Partial<RecordingRow> = {}): Parameters<typeof adoptClock>[0] {
  return { createdMs, clockOffsetMs: null, clockBootId: null, clockAheadMs: 0, clockSteps: [], ...change }
}

/** Milliseconds between two clocks, to a tenth of a second. */
function apart (one: number, other: number): number {
  return Math.abs(Math.round((one - other) / 100) * 100)
}

test('a recording begins with the wall clock as it is, and another owner of the same boot goes on with that', () => {
  const begun = clockRow(beginClock(wallAt(createdMs + 7_000), here))
  assert.equal(apart(clockOf(begun, here).now(), createdMs + 7_000), 0)
  const later = new GatewayClock(here.offsetMs + 500, 'this boot')
  const adopted = adoptClock(begun, { wall: wallAt(createdMs + 99_000), gatewayClock: later, lastWorkedMs: createdMs })
  assert.deepEqual(adopted, { clockOffsetMs: begun.clockOffsetMs, clockBootId: 'this boot', clockAheadMs: begun.clockAheadMs - 500, clockSteps: [] })
})

test('after another boot it has another clock, and what the wall clock had been set by is a step back', () => {
  const former = clockRow({ clockOffsetMs: 5, clockBootId: 'earlier', clockSteps: [{ atMs: createdMs, stepMs: 30_000 }] })
  const wallMs = createdMs + 100_000
  const adopted = adoptClock(former, { wall: wallAt(wallMs), gatewayClock: here, lastWorkedMs: createdMs + 90_000 })
  assert.equal(apart(clockOf(adopted, here).now(), wallMs), 0)
  assert.deepEqual(adopted.clockSteps, [{ atMs: createdMs, stepMs: 30_000 }, { atMs: wallMs, stepMs: -30_000 }])
})

test('a clock after another boot is not before what the former one told, though the wall clock is: the difference is a step', () => {
  const former = clockRow({ clockOffsetMs: 5, clockBootId: 'earlier', clockSteps: [{ atMs: createdMs, stepMs: 1_000 }] })
  const adopted = adoptClock(former, { wall: wallAt(0), gatewayClock: here, lastWorkedMs: createdMs + 61_000 })
  assert.equal(apart(clockOf(adopted, here).now(), createdMs + 60_000), 0)
  assert.equal(adopted.clockSteps.at(-1)?.stepMs, -(createdMs + 60_000) - 1_000)
  assert.equal(apart(clockOf(adoptClock(clockRow(), { wall: wallAt(0), gatewayClock: here, lastWorkedMs: undefined }), here).now(), createdMs), 0)
})

test('a recording that has no clock of this boot is read by that of the gateway', () => {
  assert.equal(clockOf(clockRow(), here), here)
  assert.equal(clockOf(clockRow({ clockOffsetMs: 1, clockBootId: 'earlier' }), here), here)
})

test('a steady clock is CLOCK_MONOTONIC and its offset, in whole milliseconds', () => {
  const clock = new SteadyClock(1_000)
  assert.ok(Number.isInteger(clock.now()))
  assert.equal(apart(clock.now(), Number(process.hrtime.bigint()) / 1e6 + 1_000), 0)
})
