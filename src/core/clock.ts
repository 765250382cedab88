/** Wall time, given to whoever stores or compares moments, so that tests own it. Durations come from `performance.now()`. */
export interface Clock {
  /** Unix milliseconds. */
  now (): number
}

export const systemClock: Clock = { now: () => Date.now() }
