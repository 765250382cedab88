import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { AttemptOutcome } from '../../../src/callback/attempt.ts'
import { isOverrun, noteOf, resultOf, type Attempted } from '../../../src/callback/outcome.ts'
import { nextDelayMs } from '../../../src/callback/schedule.ts'
import type { AttemptNote } from '../../../src/state/deliveries.ts'
import { runs } from '../../helpers/fuzz.ts'

const hour = 3_600_000
const exact = (retry: Parameters<typeof nextDelayMs>[0]): number | undefined => nextDelayMs(retry, () => 0.5)

const answered = (status: number) => ({ durationMs: 5, response: { status, headers: {}, body: '', cut: false } })
const outcomes = {
  delivered: { outcome: 'delivered', ...answered(200) },
  timeout: { outcome: 'retry', reason: 'timeout_total', durationMs: 15_000, retryAfterMs: 60_000 },
  reset: { outcome: 'retry', reason: 'reset', durationMs: 5 },
  overloaded: { outcome: 'retry', reason: 'overloaded', ...answered(503) },
  slowDown: { outcome: 'retry', reason: 'rate_limited', ...answered(429), retryAfterMs: 120_000 },
  tomorrow: { outcome: 'retry', reason: 'rate_limited', ...answered(429), retryAfterMs: 90 * 24 * hour },
  notFound: { outcome: 'retry', reason: 'client_error', ...answered(404) },
  moved: { outcome: 'retry', reason: 'redirect', ...answered(302) },
  gone: { outcome: 'dead', reason: 'gone', ...answered(410) },
  tooLarge: { outcome: 'dead', reason: 'body_too_large', ...answered(413) },
  blocked: { outcome: 'dead', reason: 'blocked_target' }
} as const satisfies Record<string, AttemptOutcome>
type OutcomeName = keyof typeof outcomes

interface Before { isOpen?: boolean, steps?: number, attempts?: number, schedule?: number[] | null }

function note (name: OutcomeName, { isOpen = false, steps = 0, attempts = steps, schedule = null }: Before = {}): AttemptNote {
  const delivery = { id: 'dlv_1', attempts, steps, cause: 'schedule', type: 'recording.completed', endpoint: { schedule } } as Attempted['delivery']
  return noteOf({ delivery, outcome: outcomes[name], startedMs: 1 }, isOpen, exact)
}

test('what an attempt says of its endpoint, and whether less should be under way at once', () => {
  const said = Object.entries(outcomes).map(([name, outcome]) => [name, resultOf(outcome), isOverrun(outcome)])

  assert.deepEqual(said, [
    ['delivered', 'delivered', false],
    ['timeout', 'unavailable', true],
    ['reset', 'unavailable', true],
    ['overloaded', 'unavailable', false],
    ['slowDown', 'unavailable', false],
    ['tomorrow', 'unavailable', false],
    ['notFound', 'refused', false],
    ['moved', 'refused', false],
    ['gone', 'refused', false],
    ['tooLarge', 'refused', false],
    ['blocked', 'refused', false]
  ])
})

test('a failure takes the next step of the schedule, and the last one is the end', () => {
  const read = ({ state, steps, delayMs }: AttemptNote) => [state, steps, delayMs]

  assert.deepEqual(read(note('reset')), ['waiting', 1, 5_000])
  assert.deepEqual(read(note('reset', { steps: 10 })), ['waiting', 11, 26 * hour])
  assert.deepEqual(read(note('reset', { steps: 11 })), ['dead', 12, null])
  assert.deepEqual(read(note('notFound', { steps: 11 })), ['dead', 12, null])
  assert.deepEqual(read(note('reset', { schedule: [7] })), ['waiting', 1, 7_000])
  assert.deepEqual(read(note('reset', { schedule: [7], steps: 1 })), ['dead', 2, null])
  assert.deepEqual(read(note('delivered', { steps: 3 })), ['delivered', 3, null])
})

test('while the breaker is open nothing dies of what opened it, and no step is used up; a refusal is one all the same', () => {
  for (const name of ['timeout', 'reset', 'overloaded', 'slowDown'] as const) {
    const { state, steps, number } = note(name, { isOpen: true, steps: 11, attempts: 30 })
    assert.deepEqual([state, steps, number], ['waiting', 11, 31], name)
  }
  assert.equal(note('notFound', { isOpen: true, steps: 11 }).state, 'dead')
  assert.equal(note('gone', { isOpen: true }).state, 'dead')
})

test('what a receiver asked for keeps its time, a day at the most, and is not pulled forward; what failed by it is', () => {
  const read = ({ delayMs, pullable }: AttemptNote) => [delayMs, pullable]

  assert.deepEqual(read(note('slowDown')), [120_000, false])
  assert.deepEqual(read(note('slowDown', { isOpen: true })), [120_000, false])
  assert.deepEqual(read(note('tomorrow')), [24 * hour, false])
  assert.deepEqual(read(note('overloaded', { steps: 5 })), [hour, true])
  assert.deepEqual(read(note('timeout')), [60_000, true], 'the minute after a timeout is ours')
  assert.deepEqual(read(note('notFound')), [5_000, false])
})

test('410, 413 and a target that leads inside are the end at once, each with its reason', () => {
  const ends = (['gone', 'tooLarge', 'blocked'] as const).map((name) => note(name)).map(({ state, reason, status, durationMs }) => [state, reason, status, durationMs])

  assert.deepEqual(ends, [['dead', 'gone', 410, 5], ['dead', 'body_too_large', 413, 5], ['dead', 'blocked_target', null, null]])
})

test('whatever comes of it, a delivery waits exactly while it has a next time, and only what waits can be pulled forward', () => {
  const names = fc.constantFrom(...Object.keys(outcomes) as OutcomeName[])
  fc.assert(fc.property(names, fc.boolean(), fc.nat(14), (name, isOpen, steps) => {
    const made = note(name, { isOpen, steps })

    assert.equal(made.state === 'waiting', made.delayMs !== null)
    assert.ok(!made.pullable || made.state === 'waiting')
    assert.ok(made.steps === steps || made.steps === steps + 1)
    assert.equal(made.reason === null, made.state === 'delivered')
  }), runs(300))
})
