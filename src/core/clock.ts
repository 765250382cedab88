/** Wall time, given to whoever stores or compares moments, so that tests own it. Durations come from `performance.now()` or `monotonicMs()`. */
export interface Clock {
  /** Unix milliseconds. */
  now (): number
}

export const systemClock: Clock = { now: () => Date.now() }

/** `performance.now()` counts from the beginning of its thread. */
const beganMs = Number(process.hrtime.bigint()) / 1e6 - performance.now()

/** CLOCK_MONOTONIC in milliseconds: nobody sets it, and all threads and processes of one boot of the machine have the same. */
export function monotonicMs (): number {
  return beganMs + performance.now()
}
