import type { EndpointHealth } from '../state/endpoints.ts'

/** What an attempt says of its endpoint: `unavailable` by network, timeout, 429 or 5xx; `refused`: it is there, and does not take this. */
export type AttemptResult = 'delivered' | 'unavailable' | 'refused'

/** Failures in a row that open the breaker. */
const opensAfter = 10
/** How many in a row make that what waits is pulled forward at the next success. */
const pullsForwardAfter = 2
const firstProbeMs = 30_000
const longestProbeMs = 600_000
/** How long nothing may succeed before an endpoint is given up. */
const givesUpAfterMs = 5 * 86_400_000

export interface Judged {
  health: EndpointHealth
  /** It was away and takes deliveries again. */
  isBack: boolean
  /** Nothing has succeeded for five days. */
  isHopeless: boolean
}

/**
 * The circuit breaker of an endpoint: opens after ten failures in a row; then one attempt at a time probes whether it is back, after 30 s, a minute
 * and so on up to every ten minutes; closes at the first answer that is none of those failures.
 * @param isProbe the attempt was made while the breaker was open
 */
export function judgeEndpoint (health: EndpointHealth, { result, isProbe }: { result: AttemptResult, isProbe: boolean }, nowMs: number): Judged {
  const wasAway = health.probeDueMs !== null || health.probeStep > 0 || health.failures >= pullsForwardAfter
  if (result === 'delivered') return { health: { ...closed, failingSinceMs: null, lastSuccessMs: nowMs }, isBack: wasAway, isHopeless: false }
  const failingSinceMs = health.failingSinceMs ?? nowMs
  const isHopeless = nowMs - failingSinceMs >= givesUpAfterMs
  // A refusal ends the row of failures, but what waits by them is pulled forward by a success alone: `probeStep` remembers that.
  const own = result === 'refused' ? { ...closed, probeStep: wasAway ? 1 : 0 } : failed(health, isProbe, nowMs)
  return { health: { ...own, failingSinceMs, lastSuccessMs: health.lastSuccessMs }, isBack: false, isHopeless }
}

const closed = { failures: 0, probeDueMs: null, probeStep: 0 }

function failed ({ failures, probeDueMs, probeStep }: EndpointHealth, isProbe: boolean, nowMs: number): Pick<EndpointHealth, 'failures' | 'probeDueMs' | 'probeStep'> {
  const more = failures + 1
  if (probeDueMs === null && more < opensAfter) return { failures: more, probeDueMs, probeStep }
  if (probeDueMs === null) return { failures: more, probeDueMs: nowMs + firstProbeMs, probeStep: 0 }
  // One that was under way when the breaker opened says nothing new.
  if (!isProbe) return { failures: more, probeDueMs, probeStep }
  return { failures: more, probeDueMs: nowMs + Math.min(longestProbeMs, firstProbeMs * 2 ** (probeStep + 1)), probeStep: probeStep + 1 }
}
