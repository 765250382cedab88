import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { aheadAfter, stepsBy, type ClockStep } from '../../../src/core/clock-steps.ts'

test('a wall clock that is kept right takes no step, one that is set takes one, and back again another', () => {
  assert.deepEqual(stepsBy([], 1_000, 200), [])
  const set = stepsBy([], 1_000, 30_000)
  assert.deepEqual(set, [{ atMs: 1_000, stepMs: 30_000 }])
  assert.equal(stepsBy(set, 2_000, 29_900), set)
  assert.deepEqual(stepsBy(set, 2_000, 0), [...set, { atMs: 2_000, stepMs: -30_000 }])
})

test('a wall clock that runs backwards, a second a minute, is told to a fifth of a second, and not more often than it has to be', () => {
  let steps: readonly ClockStep[] = []
  for (let seconds = 0; seconds < 3_600; seconds++) {
    const aheadMs = -seconds * 1_000 / 60
    steps = stepsBy(steps, seconds * 1_000, Math.round(aheadMs))
    assert.ok(Math.abs(aheadAfter(steps) - aheadMs) <= 201, `after ${seconds} s`)
  }
  assert.ok(steps.length <= 300, `${steps.length} steps`)
})

test('however often it is set, the steps add up to what it is ahead, and are a thousand at most', () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: -200_000, max: 200_000 }), { minLength: 900, maxLength: 1_500 }), (readings) => {
    let steps: readonly ClockStep[] = []
    for (const [index, aheadMs] of readings.entries()) {
      steps = stepsBy(steps, index, aheadMs)
      assert.ok(Math.abs(aheadAfter(steps) - aheadMs) <= 200)
    }
    assert.ok(steps.length <= 1_000)
    assert.ok(steps.every(({ atMs }, index) => index === 0 || atMs > steps[index - 1]!.atMs))
  }), { numRuns: 20 })
})
