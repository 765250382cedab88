import type { EndpointSchedule, ScheduleName } from '../state/endpoint-options.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute

/** End of both schedules, the same from three hours on. */
const lastMs = [3 * hour, 6 * hour, 12 * hour, 24 * hour, 26 * hour]

/** Back-off: milliseconds from the end of one attempt to the next, some 72 h in all. After the last the delivery is a dead letter. */
const delaysMs = {
  standard: [5 * second, 30 * second, 2 * minute, 5 * minute, 15 * minute, hour, ...lastMs],
  /** For events that are worth little when they come late, and must not be lost all the same. */
  realtime: [
    second, 2 * second, 5 * second, 15 * second, 30 * second, minute, 2 * minute, 5 * minute, 15 * minute, 30 * minute, hour, ...lastMs
  ]
} as const satisfies Record<ScheduleName, readonly number[]>

/** Longest `Retry-After` that is kept to: a receiver may slow us down, but not park its deliveries for ever. */
const longestRetryAfterMs = 24 * hour
const jitterRatio = 0.2

export function scheduleOf (eventType: string): ScheduleName {
  return eventType === 'segment.uploaded' ? 'realtime' : 'standard'
}

export interface Retry {
  /** By name, or seconds. */
  schedule: EndpointSchedule
  /** How much of it is used up. */
  steps: number
  /** Least wait that the last attempt's answer asked for. */
  retryAfterMs?: number | undefined
}

/**
 * Wait before the next attempt, with a jitter of ±20 % so that what failed together does not return together.
 * @param random uniform in [0, 1)
 * @returns milliseconds, or undefined when no attempt is left
 */
export function nextDelayMs ({ schedule, steps, retryAfterMs = 0 }: Retry, random: () => number): number | undefined {
  const delayMs = typeof schedule === 'string' ? delaysMs[schedule][steps] : secondsOf(schedule[steps])
  if (delayMs === undefined) return undefined
  const jitteredMs = delayMs * (1 + jitterRatio * (2 * random() - 1))
  return Math.round(Math.max(jitteredMs, kept(retryAfterMs)))
}

/** What a receiver asked for, as far as it is kept to. */
export function kept (retryAfterMs: number): number {
  return Math.min(retryAfterMs, longestRetryAfterMs)
}

function secondsOf (seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * second
}

/**
 * A `Retry-After` header, which is whole seconds or an HTTP date.
 * @returns milliseconds from `nowMs`, never negative; undefined when it says neither
 */
export function parseRetryAfter (header: string, nowMs: number): number | undefined {
  const text = header.trim()
  if (/^\d+$/.test(text)) return Number(text) * second
  // Date.parse also takes '-5' or '2' for years; an HTTP date starts with a day's name
  const atMs = /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : NaN
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs)
}
