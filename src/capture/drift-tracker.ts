/** Of so long a time the least lateness is looked at: congestion comes and goes, the clocks' difference stays. */
const windowMs = 10_000
/** Fewer frames than this say too little of what the least lateness is. */
const leastFrames = 50
/** An anchor is late by as much as its packets were. Up to here that is jitter and put right; more is a network that has become faster since. */
const jitterMs = 100
/** The most that a window puts right, so that one of congestion does little: 400 ppm. */
const stepLimitMs = 4
/** Of what a window finds, this share is put right by the next, and this much goes into what is believed of the source's clock. */
const proportion = 0.5
const integration = 0.06
/** Errors larger than this are the network's, and say nothing of the source's clock. */
const trustedMs = 5
/** So late is a network that stands, and catches up. */
const stalledMs = 1_000
/** Quartz is off by less than 100 ppm. */
const rateLimit = 300e-6

/**
 * How far a source's clock runs away from the room's, which is known only by what arrives, late by a time that changes. What does not
 * change is how late the least delayed frames are; when that moves, it is the clocks'. A proportional-integral controller follows it, so that
 * a rate that was found goes on through a mute.
 */
export class DriftTracker {
  /** Room milliseconds to add per millisecond of the source. */
  #rate = 0
  /** The same, for as long as it takes to put right what the last window has shown. */
  #correction = 0
  #correctionLeftMs = 0
  #sinceMs = 0
  #leastMs = Infinity
  #frames = 0
  /** How late the least delayed frames are when all is well; unknown in the first window after an anchor. */
  #targetMs: number | undefined

  /** Arrival has been asked anew: lateness begins anew with it. */
  restart (nowMs: number): void {
    this.#targetMs = undefined
    this.#correctionLeftMs = 0
    this.#begin(nowMs)
  }

  /** What to add to so much of the source's time to have the room's. */
  over (sourceMs: number): number {
    const corrected = Math.min(Math.max(sourceMs, 0), this.#correctionLeftMs)
    this.#correctionLeftMs -= corrected
    return sourceMs * this.#rate + corrected * this.#correction
  }

  /** @param latenessMs arrival less the moment of the room the frame was placed at */
  observe (latenessMs: number, arrivalMs: number): void {
    if (latenessMs < this.#leastMs) this.#leastMs = latenessMs
    this.#frames++
    if (arrivalMs - this.#sinceMs < windowMs) return
    if (this.#frames >= leastFrames) this.#learn(arrivalMs - this.#sinceMs)
    this.#begin(arrivalMs)
  }

  #learn (elapsedMs: number): void {
    this.#targetMs ??= Math.abs(this.#leastMs) <= jitterMs ? 0 : this.#leastMs
    const errorMs = this.#leastMs - this.#targetMs
    if (Math.abs(errorMs) <= trustedMs) this.#rate = clamp(this.#rate + integration * errorMs / elapsedMs, rateLimit)
    this.#correction = clamp(proportion * errorMs, stepLimitMs) / windowMs
    this.#correctionLeftMs = Math.abs(errorMs) > stalledMs ? 0 : windowMs
  }

  #begin (nowMs: number): void {
    this.#sinceMs = nowMs
    this.#leastMs = Infinity
    this.#frames = 0
  }
}

function clamp (value: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, value))
}
