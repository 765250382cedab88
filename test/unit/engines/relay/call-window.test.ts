import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CallWindow } from '../../../../src/engines/relay/main/call-window.ts'
import { runs } from '../../../helpers/fuzz.ts'

const step = fc.record({ idleMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 3_000 })), isRefused: fc.integer({ min: 0, max: 19 }).map((n) => n === 0) })

/** Begins a call as early as each step allows. */
function play (steps: ReadonlyArray<{ idleMs: number, isRefused: boolean }>): { begun: number[], refused: number[] } {
  const window = new CallWindow()
  const begun: number[] = []
  const refused: number[] = []
  let nowMs = 0
  for (const { idleMs, isRefused } of steps) {
    nowMs = Math.max(nowMs + idleMs, window.nextMs)
    window.begin(nowMs)
    begun.push(nowMs)
    if (!isRefused) continue
    window.halve(nowMs)
    refused.push(nowMs)
  }
  return { begun, refused }
}

test('never more than 20 calls begin in 1.1 s, nor more than 10 of those after a refusal, until ten seconds later', () => {
  fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 300 }), (steps) => {
    const { begun, refused } = play(steps)

    for (const [index, atMs] of begun.entries()) {
      const inWindow = begun.slice(0, index + 1).filter((each) => each > atMs - 1_100)
      assert.ok(inWindow.length <= 20, `${inWindow.length} at ${atMs}`)
      const sinceMs = refused.findLast((each) => each < atMs)
      if (sinceMs !== undefined && atMs < sinceMs + 10_000) assert.ok(inWindow.filter((each) => each > sinceMs).length <= 10, `${atMs} after ${sinceMs}`)
    }
  }), runs(300))
})

test('a window that is free takes 20 calls at once, and the next when the first is 1.1 s old', () => {
  const { begun } = play(Array.from({ length: 41 }, () => ({ idleMs: 0, isRefused: false })))

  assert.deepEqual(begun, [...Array<number>(20).fill(0), ...Array<number>(20).fill(1_100), 2_200])
})

test('a refusal halves what may begin for exactly ten seconds, at even distances', () => {
  const { begun } = play(Array.from({ length: 120 }, (_, index) => ({ idleMs: 0, isRefused: index === 0 })))

  assert.deepEqual(begun.slice(0, 4), [0, 110, 220, 330])
  assert.equal(begun.filter((atMs) => atMs < 10_000).length, Math.ceil(10_000 / 110))
  // ten of the last 1.1 s were before
  assert.equal(begun.filter((atMs) => atMs === 10_000).length, 10)
})

test('a window is over when it would let begin what a new one would', () => {
  const window = new CallWindow()

  assert.equal(window.isOver(0), true)
  window.begin(0)
  assert.equal(window.isOver(1_099), false)
  assert.equal(window.isOver(1_100), true)
  window.halve(1_100)
  assert.equal(window.isOver(11_099), false)
  assert.equal(window.isOver(11_100), true)
})
