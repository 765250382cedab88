import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PauseEnds } from '../../../src/session/pause-ends.ts'
import type { Actual } from '../../../src/session/plan.ts'
import * as states from '../../helpers/plan-states.ts'

test('a pause is over at its time though nothing more is known of the recording; of somebody else\'s, which goes on, nothing is said', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const times = { nowMs: states.nowMs }
  const clock = { now: () => times.nowMs }
  const paused = new Map([['trk_anna', true], ['trk_bob', true]])
  const told: unknown[] = []
  const active = {
    actual: (): Actual[] => [['trk_anna', 'anna'], ['trk_bob', 'bob']].map(([trackId, userId]) =>
      states.actual(trackId!, userId!, { source: states.live(`src_${userId}`), paused: paused.get(trackId!)! })),
    pause: (trackId: string, isPaused: boolean) => {
      paused.set(trackId, isPaused)
      told.push([trackId, isPaused, times.nowMs])
    }
  }
  const ends = new PauseEnds(active, states.here({ resumeHoldMs: 3_000 }), clock)
  const endMs = states.nowMs - 1_000
  ends.await(states.desired({ pauses: [states.pause('anna', { endMs }), states.pause('bob')] }))

  times.nowMs = endMs + 2_999
  t.mock.timers.tick(1_999)
  assert.deepEqual(told, [])
  times.nowMs = endMs + 3_000
  t.mock.timers.tick(1)
  assert.deepEqual(told, [['trk_anna', false, endMs + 3_000]])
  ends.stop()
})
