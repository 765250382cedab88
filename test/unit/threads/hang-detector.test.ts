import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pulse } from '../../../src/threads/hang-detector.ts'

/** How many looks in a row it takes to find a hang. */
function looksUntilHung (pulse: Pulse, beats: number): number {
  for (let looks = 1; ; looks++) if (pulse.look(beats)) return looks
}

test('a thread whose beats stop is found to hang within ten looks, and not before the eighth', () => {
  const pulse = new Pulse()
  for (const beats of [1, 5, 9]) assert.equal(pulse.look(beats), false)

  assert.equal(looksUntilHung(pulse, 9), 8)
})

test('one beat between looks is enough to live, however late the look: a main thread that was away sees no hang', () => {
  const pulse = new Pulse()
  pulse.look(1)
  for (let round = 0; round < 100; round++) {
    for (let missed = 0; missed < 7; missed++) assert.equal(pulse.look(1 + round), false)
    assert.equal(pulse.look(2 + round), false)
  }
})

test('a thread that starts has half a minute for it', () => {
  assert.equal(looksUntilHung(new Pulse(), 0), 30)
})
