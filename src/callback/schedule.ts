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
} as const

/** Longest `Retry-After` that is kept to: a receiver may slow us down, but not park its deliveries for ever. */
const longestRetryAfterMs = 24 * hour
const jitterRatio = 0.2

export type Schedule = keyof typeof delaysMs

export function scheduleOf (eventType: string): Schedule {
  return eventType === 'segment.uploaded' ? 'realtime' : 'standard'
}

export interface Retry {
  schedule: Schedule
  /** Attempts made, 1 or more. */
  attempts: number
  /** Least wait that the last attempt's answer asked for. */
  retryAfterMs?: number | undefined
}

/**
 * Wait before the next attempt, with a jitter of ±20 % so that what failed together does not return together.
 * @param random uniform in [0, 1)
 * @returns milliseconds, or undefined when no attempt is left
 */
export function nextDelayMs ({ schedule, attempts, retryAfterMs = 0 }: Retry, random: () => number): number | undefined {
  const delayMs = delaysMs[schedule][attempts - 1]
  if (delayMs === undefined) return undefined
  const jitteredMs = delayMs * (1 + jitterRatio * (2 * random() - 1))
  return Math.round(Math.max(jitteredMs, Math.min(retryAfterMs, longestRetryAfterMs)))
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
