import assert from 'node:assert/strict'
import { test } from 'node:test'
import { QuietWatch } from '../../../src/tracks/quiet-watch.ts'

const beganMs = 1_767_225_600_000

interface Told { afterMs: number, lastAfterMs: number | null }

/** A watch whose time a test moves, a millisecond at a time. */
function watched () {
  const told: Told[] = []
  const state: { nowMs: number, lastFrameMs: number | null } = { nowMs: beganMs, lastFrameMs: null }
  let due: { atMs: number, work: () => void } | undefined
  const watch = new QuietWatch({
    now: () => state.nowMs,
    lastFrameMs: () => state.lastFrameMs,
    onQuiet: (atMs, lastFrameMs) => { told.push({ afterMs: atMs - beganMs, lastAfterMs: lastFrameMs === null ? null : lastFrameMs - beganMs }) },
    later: (ms, work) => {
      assert.equal(due, undefined, 'one timer at a time')
      due = { atMs: state.nowMs + ms, work }
      return () => { due = undefined }
    }
  })
  /** @param everyMs when frames come in that time; none if it is absent */
  const pass = (ms: number, everyMs = Infinity): void => {
    for (let passed = 1; passed <= ms; passed++) {
      state.nowMs++
      if (passed % everyMs === 0) state.lastFrameMs = state.nowMs
      const { atMs, work } = due ?? {}
      if (atMs === undefined || atMs > state.nowMs) continue
      due = undefined
      work?.()
    }
  }
  return { watch, told, state, pass }
}

test('a track that was quiet already is so 1.5 s after the call, and it is told once', () => {
  const { watch, told, state, pass } = watched()
  state.lastFrameMs = beganMs - 60_000

  watch.start()
  pass(1_499)
  assert.equal(told.length, 0)
  pass(60_000)

  assert.equal(told.length, 1)
  assert.ok(told[0]!.afterMs <= 1_505, `${told[0]!.afterMs} ms`)
  assert.equal(told[0]!.lastAfterMs, -60_000)
})

test('while frames come nothing is told; 1.5 s after the last of them it is', () => {
  const { watch, told, pass } = watched()

  watch.start()
  pass(21 * 1_000, 21)
  assert.equal(told.length, 0)
  pass(10_000)

  assert.equal(told.length, 1)
  assert.equal(told[0]!.lastAfterMs, 21_000)
  assert.ok(told[0]!.afterMs >= 22_500 && told[0]!.afterMs <= 22_510, `${told[0]!.afterMs} ms`)
})

test('a track that never had a frame is quiet as well', () => {
  const { watch, told, pass } = watched()

  watch.start()
  pass(2_000)

  assert.deepEqual(told.map(({ lastAfterMs }) => lastAfterMs), [null])
})

test('what is taken back is not told; asked for again it is counted from then', () => {
  const { watch, told, pass } = watched()

  watch.start()
  pass(1_499)
  watch.stop()
  pass(10_000)
  assert.equal(told.length, 0)
  watch.start()
  pass(1_000)
  watch.start()
  pass(1_400)
  assert.equal(told.length, 0)
  pass(200)
  watch.start()
  pass(2_000)

  assert.equal(told.length, 2, 'once for each that was not taken back')
})

test('a frame that arrived just before the time is called up is heard, and counted from', () => {
  const { watch, told, state, pass } = watched()

  watch.start()
  pass(1_450)
  state.lastFrameMs = beganMs + 1_450
  pass(1_499)
  assert.equal(told.length, 0)
  pass(1)

  assert.deepEqual(told, [{ afterMs: 2_950, lastAfterMs: 1_450 }])
})
