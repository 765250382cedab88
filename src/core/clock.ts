/** Tells the time to whoever stores or compares moments, so that tests own it. Durations come from `performance.now()` or `monotonicMs()`. */
export interface Clock {
  /** Unix milliseconds. */
  now (): number
}

/** The wall clock: for what is shown, for signatures and for what others date. Anybody may set it at any time. */
export const systemClock: Clock = { now: () => Date.now() }

/** `performance.now()` counts from the beginning of its thread. */
const beganMs = Number(process.hrtime.bigint()) / 1e6 - performance.now()

/** CLOCK_MONOTONIC in milliseconds: nobody sets it, and all threads and processes of one boot of the machine have the same. */
export function monotonicMs (): number {
  return beganMs + performance.now()
}

/** What has to be added to CLOCK_MONOTONIC at present for the time of a clock, in whole milliseconds. */
export function offsetOf (clock: Clock): number {
  return Math.round(clock.now() - monotonicMs())
}

/** A clock that nobody sets: the wall clock as it was when its offset was taken, and evenly on from there. */
export class SteadyClock implements Clock {
  /** Unix milliseconds at which CLOCK_MONOTONIC was 0. */
  readonly offsetMs: number

  constructor (offsetMs: number) {
    this.offsetMs = offsetMs
  }

  now (): number {
    return Math.round(monotonicMs() + this.offsetMs)
  }
}

/** The gateway's own clock, by which it dates what is of no single recording: one for as long as the machine runs. */
export class GatewayClock extends SteadyClock {
  /** Of this boot of the machine, or of this process where boots have none. */
  readonly bootId: string

  constructor (offsetMs: number, bootId: string) {
    super(offsetMs)
    this.bootId = bootId
  }
}
