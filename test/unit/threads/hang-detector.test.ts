import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HangDetector } from '../../../src/threads/hang-detector.ts'

/** How many looks in a row it takes to find a hang. */
function looksUntilHung (detector: HangDetector, beats: number): number {
  for (let looks = 1; ; looks++) if (detector.look(beats)) return looks
}

test('a thread whose beats stop is found to hang within ten looks, and not before the eighth', () => {
  const detector = new HangDetector()
  for (const beats of [1, 5, 9]) assert.equal(detector.look(beats), false)

  assert.equal(looksUntilHung(detector, 9), 8)
})

test('one beat between looks is enough to live, however late the look: a main thread that was away sees no hang', () => {
  const detector = new HangDetector()
  detector.look(1)
  for (let round = 0; round < 100; round++) {
    for (let missed = 0; missed < 7; missed++) assert.equal(detector.look(1 + round), false)
    assert.equal(detector.look(2 + round), false)
  }
})

test('a thread that starts has half a minute for it', () => {
  assert.equal(looksUntilHung(new HangDetector(), 0), 30)
})
