import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nextDelayMs, parseRetryAfter, scheduleOf } from '../../../src/callback/schedule.ts'
import type { EndpointSchedule } from '../../../src/state/endpoint-options.ts'

const hourMs = 3_600_000
const noJitter = (): number => 0.5

function delaysOf (schedule: EndpointSchedule = 'standard', random = noJitter): number[] {
  const delays: number[] = []
  for (let steps = 0; ; steps++) {
    const delayMs = nextDelayMs({ schedule, steps }, random)
    if (delayMs === undefined) return delays
    delays.push(delayMs)
  }
}

test('the schedule makes 12 attempts in 72:22:35', () => {
  const delays = delaysOf()

  assert.equal(delays.length + 1, 12)
  assert.deepEqual(delays.slice(0, 6), [5_000, 30_000, 120_000, 300_000, 900_000, hourMs])
  assert.equal(delays.reduce((sum, delay) => sum + delay), (72 * 3600 + 22 * 60 + 35) * 1000)
})

test('what happens live is sent again within seconds, for as long', () => {
  const delays = delaysOf(scheduleOf('segment.uploaded'))

  assert.deepEqual(delays.slice(0, 11), [1_000, 2_000, 5_000, 15_000, 30_000, 60_000, 120_000, 300_000, 900_000, 1_800_000, hourMs])
  assert.deepEqual(delays.slice(11), delaysOf().slice(6))
  assert.equal(delays.reduce((sum, delay) => sum + delay), (72 * 3600 + 53 * 60 + 53) * 1000)
  assert.equal(scheduleOf('recording.completed'), 'standard')
})

test('a tenant may have a schedule of its own, in seconds', () => {
  assert.deepEqual(delaysOf([1, 60, 86_400]), [1_000, 60_000, 24 * hourMs])
  assert.deepEqual(delaysOf([]), [])
})

test('jitter is up to a fifth in both directions', () => {
  assert.equal(nextDelayMs({ schedule: 'standard', steps: 0 }, () => 0), 4_000)
  assert.equal(nextDelayMs({ schedule: 'standard', steps: 0 }, () => 1), 6_000)
})

test('the later of schedule and Retry-After counts, the latter up to 24 h', () => {
  const after = (steps: number, retryAfterMs: number): number | undefined => nextDelayMs({ schedule: 'standard', steps, retryAfterMs }, noJitter)

  assert.equal(after(0, 60_000), 60_000)
  assert.equal(after(3, 60_000), 300_000)
  assert.equal(after(0, 999 * hourMs), 24 * hourMs)
  assert.equal(after(10, 999 * hourMs), 26 * hourMs)
  assert.equal(after(11, 60_000), undefined)
})

test('every delay is a whole number of milliseconds within its bounds', () => {
  fc.assert(fc.property(
    fc.integer({ min: 0, max: 30 }),
    fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    fc.option(fc.nat(), { nil: undefined }),
    (steps, random, retryAfterMs) => {
      const plainMs = delaysOf()[steps]
      const delayMs = nextDelayMs({ schedule: 'standard', steps, retryAfterMs }, () => random)

      if (plainMs === undefined || delayMs === undefined) { assert.equal(delayMs, plainMs); return }
      assert.ok(Number.isInteger(delayMs))
      assert.ok(delayMs >= Math.floor(plainMs * 0.8) && delayMs <= Math.max(Math.ceil(plainMs * 1.2), 24 * hourMs))
      assert.ok(delayMs >= Math.min(retryAfterMs ?? 0, 24 * hourMs))
    }))
})

test('Retry-After is seconds or an HTTP date', () => {
  const now = Date.parse('2026-01-02T03:04:05Z')

  assert.equal(parseRetryAfter('120', now), 120_000)
  assert.equal(parseRetryAfter(' 0 ', now), 0)
  assert.equal(parseRetryAfter('Fri, 02 Jan 2026 03:05:05 GMT', now), 60_000)
  assert.equal(parseRetryAfter('Friday, 02-Jan-26 03:05:05 GMT', now), 60_000)
  assert.equal(parseRetryAfter('Fri, 02 Jan 2026 03:00:00 GMT', now), 0)
  for (const header of ['', 'soon', '-1', '1.5', '2026-01-02T03:05:05Z', 'Fri, 99 Foo 2026', '1e3']) assert.equal(parseRetryAfter(header, now), undefined, header)
})
