import { ApiError } from './api-error.ts'

const callsPerSecond = 20
const windowMs = 1_000

/**
 * The rate limit of the Cloud API, which counts calls of one action by one sub-account when they arrive. TRTC does not say how it measures
 * its second: here it is any second (a sliding window), and a refused call does not count.
 */
export class CallLimit {
  /** When the newest calls of an action by an account arrived. */
  readonly #taken = new Map<string, number[]>()

  /** Counts a call. @param nowMs by `performance.now()` @throws ApiError RequestLimitExceeded for the 21st of a second */
  take (action: string, account: string, nowMs: number): void {
    const key = JSON.stringify([action, account])
    const recent = (this.#taken.get(key) ?? []).filter((atMs) => nowMs - atMs < windowMs)
    if (recent.length >= callsPerSecond) throw new ApiError('RequestLimitExceeded', `More than ${callsPerSecond} calls of ${action} in a second.`)
    this.#taken.set(key, [...recent, nowMs])
  }
}
