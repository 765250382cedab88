import type { AttemptNote, ClaimedDelivery } from '../state/deliveries.ts'
import type { AttemptOutcome } from './attempt.ts'
import type { AttemptResult } from './breaker.ts'
import { kept, nextDelayMs, scheduleOf, type Retry } from './schedule.ts'

/** What an attempt came to, and when it began, Unix milliseconds. */
export interface Attempted { delivery: ClaimedDelivery, outcome: AttemptOutcome, startedMs: number }

/** What it says of the endpoint. */
export function resultOf (outcome: AttemptOutcome): AttemptResult {
  if (outcome.outcome === 'delivered') return 'delivered'
  switch (outcome.reason) {
    case 'gone':
    case 'body_too_large':
    case 'blocked_target':
    case 'redirect':
    case 'client_error': return 'refused'
    default: return 'unavailable'
  }
}

/** Whether it was the network or the time that failed, so that less should be under way at once. */
export function isOverrun (outcome: AttemptOutcome): boolean {
  return outcome.outcome === 'retry' && !('response' in outcome)
}

/**
 * What becomes of a delivery. While its breaker is open a failure for which that stands uses up no step of the schedule, and nothing dies of it.
 * @param isOpen whether the breaker is open, this attempt counted
 */
export function noteOf (
  { delivery, outcome, startedMs }: Attempted, isOpen: boolean, delayOf: (retry: Retry) => number | undefined = (retry) => nextDelayMs(retry, Math.random)
): AttemptNote {
  const { id, attempts, steps, cause, type, endpoint: { schedule } } = delivery
  const retryAfterMs = outcome.outcome === 'retry' ? outcome.retryAfterMs : undefined
  const isUnavailable = resultOf(outcome) === 'unavailable'
  const waits = isUnavailable && isOpen
  const delayMs = outcome.outcome !== 'retry'
    ? undefined
    : waits ? kept(retryAfterMs ?? 0) : delayOf({ schedule: schedule ?? scheduleOf(type), steps, retryAfterMs })
  const response = 'response' in outcome ? outcome.response : undefined
  return {
    id,
    state: outcome.outcome === 'delivered' ? 'delivered' : delayMs === undefined ? 'dead' : 'waiting',
    number: attempts + 1,
    cause,
    steps: waits || outcome.outcome !== 'retry' ? steps : steps + 1,
    delayMs: delayMs ?? null,
    // What a receiver asked to wait for keeps its time; a timeout's own wait is ours.
    pullable: delayMs !== undefined && isUnavailable && !(response !== undefined && retryAfterMs !== undefined),
    startedMs,
    durationMs: 'durationMs' in outcome ? outcome.durationMs : null,
    status: response?.status ?? null,
    reason: outcome.outcome === 'delivered' ? null : outcome.reason,
    headers: response?.headers ?? null,
    body: response?.body ?? null,
    cut: response?.cut ?? false
  }
}
