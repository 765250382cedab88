import type { GapCause } from '../../media/track-summary.ts'
import { DriftTracker } from './drift.ts'
import { StallDetector } from './stall.ts'

/** How much media time and arrival may differ before the source's clock is no longer believed. */
const toleranceMs = 1000
/** Media timestamps are whole milliseconds. */
const roundingMs = 1
/** How long a silence is before arrival says better where the room is than a clock that may have drifted meanwhile. */
const longSilenceMs = 600_000
/** Some sources count in the 24 bits that a plain RTMP header has. */
const shortWrapMs = 2 ** 24

/**
 * Places frames in the room's time. Arrival anchors a connection (see `HeldFrames`), from there the source's own timestamps rule: they know
 * nothing of the network, so jitter, a stall and the burst after it change nothing. Their drift against the room's clock is followed. Arrival is asked again
 *
 * - for a new connection, whose timestamps start anywhere;
 * - when timestamps go back (but for a wrap), or leap more than a second ahead of the wall clock, and after ten minutes of silence;
 * - when frames have been late for ten seconds and do not catch up: the source's clock stood still (see `StallDetector`).
 *
 * A re-anchored frame is never put more than half a frame before the end of the file, where it would be left out: audio that arrives is kept, at
 * the price that the track stays late by as much as an earlier anchor's packet had been delayed. Such delays do not add up.
 */
export class MediaClock {
  readonly #drift = new DriftTracker()
  readonly #stalls = new StallDetector()
  #anchored = false
  #timestampMs = 0
  #arrivalMs = 0
  #roomMs = 0
  #cause: GapCause = 'missing'
  #nextCause: GapCause = 'reconnected'

  /** Why there is a hole before the frame placed last, if there is one. */
  get cause (): GapCause { return this.#cause }

  /** Whether a frame can be placed by its timestamp: one that cannot has to be anchored first. */
  continues (timestampMs: number, arrivalMs: number, frameMs: number): boolean {
    if (!this.#anchored) return false
    const stepMs = this.#stepMs(timestampMs, arrivalMs)
    if (stepMs < -frameMs || this.#leaps(stepMs, arrivalMs, frameMs)) this.end('clock')
    else if (Math.min(stepMs, arrivalMs - this.#arrivalMs) > longSilenceMs) this.end('missing')
    return this.#anchored
  }

  /**
   * The frames to come have no clock in common with those so far.
   * @param cause of the hole; `disconnected`, which another source follows, stands until that source's clock is anchored
   */
  end (cause: 'reconnected' | 'disconnected' | 'takeover' | 'clock' | 'missing'): void {
    if (this.#anchored || this.#nextCause !== 'disconnected') this.#nextCause = cause
    this.#anchored = false
  }

  /**
   * Begins anew: a frame with this timestamp belongs at that moment of the room.
   * @param roomMs Unix milliseconds
   * @param endMs where the file ends in the room's time; −Infinity before the first frame
   */
  anchor (timestampMs: number, roomMs: number, arrivalMs: number, endMs: number, frameMs: number): number {
    this.#anchored = true
    this.#cause = this.#nextCause
    this.#nextCause = 'reconnected'
    this.#stalls.restart()
    return this.#set(timestampMs, arrivalMs, Math.max(roomMs, endMs - frameMs / 2))
  }

  /**
   * Only of a frame that `continues`.
   * @param timestampMs the source's clock: 32 or 24 bit, may wrap
   * @param arrivalMs Unix milliseconds
   * @param endMs as for `anchor`
   * @returns the room's time of the frame, Unix milliseconds
   */
  place (timestampMs: number, arrivalMs: number, endMs: number, frameMs: number): number {
    const stepMs = this.#stepMs(timestampMs, arrivalMs)
    const roomMs = this.#roomMs + stepMs + this.#drift.over(stepMs)
    const latenessMs = arrivalMs - roomMs
    const stoodMs = this.#stalls.observe(latenessMs, arrivalMs)
    if (stoodMs > 0) {
      this.#cause = 'stalled'
      return this.#set(timestampMs, arrivalMs, Math.max(roomMs + stoodMs, endMs - frameMs / 2))
    }
    this.#cause = 'missing'
    this.#timestampMs = timestampMs
    this.#arrivalMs = arrivalMs
    this.#roomMs = roomMs
    this.#drift.observe(latenessMs, arrivalMs)
    // A clock that stands still or creeps while frames arrive is not obeyed: the frame follows the last one
    return latenessMs > toleranceMs && roomMs < endMs - 2 * roundingMs ? endMs : roomMs
  }

  #set (timestampMs: number, arrivalMs: number, roomMs: number): number {
    this.#timestampMs = timestampMs
    this.#arrivalMs = arrivalMs
    this.#roomMs = roomMs
    this.#drift.restart(arrivalMs)
    return roomMs
  }

  #stepMs (timestampMs: number, arrivalMs: number): number {
    const stepMs = (timestampMs - this.#timestampMs) | 0
    if (stepMs > -shortWrapMs / 2) return stepMs
    const wrappedMs = stepMs + shortWrapMs
    return Math.abs(wrappedMs - (arrivalMs - this.#arrivalMs)) <= toleranceMs ? wrappedMs : stepMs
  }

  /** Ahead of the wall clock, and further than the frame before. */
  #leaps (stepMs: number, arrivalMs: number, frameMs: number): boolean {
    return this.#roomMs + stepMs - arrivalMs > toleranceMs && stepMs - (arrivalMs - this.#arrivalMs) > frameMs + roundingMs
  }
}
