import assert from 'node:assert/strict'
import { test } from 'node:test'
import pino from 'pino'
import { SpanLog } from '../../../src/core/span-log.ts'
import { ClockWatch } from '../../../src/session/clock-watch.ts'

const maxAgeMs = 300_000

/** Clocks that are moved by hand; TRTC's is right all the time. */
function set (lastAheadMs: number | undefined) {
  const times = { gatewayMs: 1_000_000, aheadMs: 0, lastAheadMs, set: 0 }
  const spans = new SpanLog()
  const ended = spans.reader()
  const watch = new ClockWatch({
    wall: { now: () => times.gatewayMs + times.aheadMs },
    gatewayClock: { now: () => times.gatewayMs },
    eventClock: { get lastAheadMs () { return times.lastAheadMs } },
    maxAgeMs,
    spans,
    onSet: () => { times.set++ },
    log: pino({ level: 'silent' })
  })
  const look = (aheadMs: number): void => {
    times.gatewayMs += 1_000
    times.aheadMs = aheadMs
    watch.look()
  }
  return { times, watch, spans, ended, look }
}

test('recordings are told when somebody sets the wall clock, and not while it is kept right', () => {
  const { times, look } = set(0)
  for (const aheadMs of [0, 150, -40, 30_000, 30_100, 0]) look(aheadMs)
  assert.equal(times.set, 2)
})

test('a wall clock that creeps is told of each time that it has crept so far', () => {
  const { times, look } = set(0)
  for (let second = 1; second <= 60; second++) look(-Math.round(second * 1_000 / 60))
  assert.equal(times.set, 4)
})

test('so far off that events count as stale it is off, by the last event, until it is right or an event is taken', () => {
  const { times, watch, spans, ended, look } = set(-30_000)
  look(maxAgeMs - 30_000)
  assert.deepEqual([watch.isOff, watch.differenceMs, spans.sinceMs], [false, maxAgeMs, undefined])
  look(3_600_000)
  assert.deepEqual([watch.isOff, watch.differenceMs], [true, 3_630_000])
  look(3_600_000)
  look(0)
  assert.deepEqual([watch.isOff, spans.sinceMs, ended().length], [false, undefined, 1])

  look(-7_200_000)
  assert.equal(watch.isOff, true)
  times.lastAheadMs = -7_200_000
  look(-7_200_000)
  assert.deepEqual([watch.isOff, ended().length], [false, 1], 'it was the gateway\'s own clock that was wrong')
})

test('before any event nobody knows which clock is right', () => {
  const { watch, spans, look } = set(undefined)
  look(3_600_000)
  assert.deepEqual([watch.isOff, watch.differenceMs, spans.sinceMs], [false, undefined, undefined])
})
