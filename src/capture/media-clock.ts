import type { GapCause } from '../media/track-summary.ts'

/** Media time and arrival may differ by this much before the source's clock is no longer believed. */
const toleranceMs = 1000
/** So long must frames flow, all late by the same, before the source's clock counts as having stood still. */
const stallProofMs = 10_000
/** The same: neither catching up nor falling back by more than this. */
const steadyMs = 500

/**
 * Says when a frame belongs in the room. Arrival anchors a connection, from there the source's own timestamps rule: they know nothing of
 * the network, so a stall and the burst after it change nothing. Arrival is asked again
 *
 * - for a new connection, whose timestamps start anywhere;
 * - when timestamps go back (restart, wrap of something narrower than 32 bit), or leap more than a second ahead of the wall clock;
 * - when frames have flowed for ten seconds, all late by the same second or more: the source's clock stood still.
 *
 * A re-anchored frame is never put more than a frame before the end of the file, where it would be dropped: audio that arrives is kept, at
 * the price that the track stays late by as much as an earlier anchor's packet had been delayed. Such delays do not add up.
 */
export class MediaClock {
  #anchored = false
  #timestampMs = 0
  #arrivalMs = 0
  #roomMs = 0
  #lateSinceMs = -1
  #latenessThenMs = 0
  #leastLatenessMs = 0
  #cause: GapCause = 'missing'
  #endCause: GapCause = 'reconnected'

  /** Why there is a hole before the frame placed last, if there is one. */
  get cause (): GapCause { return this.#cause }

  /** Whether a frame of the present connection has been placed. */
  get anchored (): boolean { return this.#anchored }

  /** The connection is over. Another source stays that, however its first connections fare. @param cause of the hole up to the next one */
  end (cause: 'reconnected' | 'disconnected' | 'takeover'): void {
    if (this.#anchored || this.#endCause !== 'disconnected') this.#endCause = cause
    this.#anchored = false
  }

  /**
   * @param timestampMs the source's clock: 32 bit, may wrap
   * @param arrivalMs Unix milliseconds
   * @param endMs where the file ends in the room's time; −Infinity before the first frame
   * @returns the room's time of the frame, Unix milliseconds
   */
  place (timestampMs: number, arrivalMs: number, endMs: number, frameMs: number): number {
    const stepMs = (timestampMs - this.#timestampMs) | 0
    const roomMs = this.#roomMs + stepMs
    if (!this.#anchored) {
      this.#anchor(Math.max(arrivalMs, endMs - frameMs), this.#endCause)
    } else if (stepMs < -frameMs || this.#leaps(stepMs, roomMs, arrivalMs)) {
      this.#anchor(Math.max(arrivalMs, endMs - frameMs), 'clock')
    } else if (this.#stalled(arrivalMs - roomMs, arrivalMs)) {
      this.#anchor(Math.max(roomMs + this.#leastLatenessMs, endMs - frameMs), 'stalled')
    } else {
      // A clock that stands still or creeps while frames arrive is not obeyed: the frame follows the last one
      this.#roomMs = roomMs < endMs - frameMs && arrivalMs - roomMs > toleranceMs ? endMs : roomMs
      this.#cause = 'missing'
    }
    this.#anchored = true
    this.#timestampMs = timestampMs
    this.#arrivalMs = arrivalMs
    return this.#roomMs
  }

  #anchor (roomMs: number, cause: GapCause): void {
    this.#roomMs = roomMs
    this.#cause = cause
    this.#lateSinceMs = -1
  }

  /** Ahead of the wall clock, and not because the frames before were ahead of it as well. */
  #leaps (stepMs: number, roomMs: number, arrivalMs: number): boolean {
    return roomMs - arrivalMs > toleranceMs && stepMs - (arrivalMs - this.#arrivalMs) > toleranceMs
  }

  #stalled (latenessMs: number, arrivalMs: number): boolean {
    if (latenessMs <= toleranceMs) {
      this.#lateSinceMs = -1
      return false
    }
    const steady = Math.abs(latenessMs - this.#latenessThenMs) <= steadyMs && arrivalMs - this.#arrivalMs <= toleranceMs
    if (this.#lateSinceMs < 0 || !steady) {
      this.#lateSinceMs = arrivalMs
      this.#latenessThenMs = this.#leastLatenessMs = latenessMs
    }
    this.#leastLatenessMs = Math.min(this.#leastLatenessMs, latenessMs)
    return arrivalMs - this.#lateSinceMs >= stallProofMs
  }
}
