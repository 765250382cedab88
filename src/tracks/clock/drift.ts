import { lateMs } from './stall.ts'

/** The length of audio of which the least delayed frame says how the source's clock stands. */
const windowMs = 10_000
/** The least number of frames in a window; one with fewer says too little and is made longer. */
const enoughFrames = 100
/** How much the least delays of two windows may differ by jitter alone. More is congestion, or an anchor's own delay: followed, not believed. */
const believedMs = 20
/** The greatest drift that is believed, and how fast the clock is led: crystals are within 100 ppm, bad ones within 200. */
const maxDrift = 500e-6
/** How many windows the line is fitted through: ten minutes. More would follow too slowly a clock that warms up. */
const rememberedWindows = 60
/** How many windows a new clock is taken to have been exact for. */
const presumedWindows = 10

/**
 * A clock-drift estimator: how a source's clock drifts against ours. Packets are late by chance, never early, so the least late of each ten
 * seconds lie on a line; its slope is the drift. The line is fitted by the gains of a growing, then sliding, least-squares fit: three numbers,
 * however long.
 */
export class DriftTracker {
  /** Room milliseconds to add per millisecond of the source. */
  #rate = 0
  /** Room milliseconds to add once, with the next step. */
  #moveMs = 0
  #windows = 0
  #frames = 0
  #leastMs = Infinity
  #untilMs = 0
  #fittedMs = 0

  /** What to add to a stretch of the source's time to have the room's, milliseconds. */
  over (sourceMs: number): number {
    const moveMs = this.#moveMs
    this.#moveMs = 0
    return sourceMs * this.#rate + moveMs
  }

  /** The clock was anchored anew; how fast the source's clock runs is known still. */
  restart (arrivalMs: number): void {
    this.#moveMs = 0
    this.#windows = 0
    this.#fittedMs = arrivalMs
    this.#begin(arrivalMs)
  }

  /** @param latenessMs arrival less the moment of the room the frame was placed at */
  observe (latenessMs: number, arrivalMs: number): void {
    if (latenessMs > lateMs) return
    this.#frames++
    if (latenessMs < this.#leastMs) this.#leastMs = latenessMs
    if (arrivalMs >= this.#untilMs) this.#moveMs = this.#close(latenessMs, arrivalMs)
  }

  #close (latenessMs: number, arrivalMs: number): number {
    const errorMs = this.#leastMs
    if (arrivalMs - this.#untilMs > windowMs) {
      // Silence lies between: the window that begins says how the clock ran in it
      this.#begin(arrivalMs)
      this.#leastMs = latenessMs
      return 0
    }
    if (this.#frames < enoughFrames) {
      this.#untilMs = arrivalMs + windowMs
      return 0
    }
    this.#begin(arrivalMs)
    const elapsedMs = arrivalMs - this.#fittedMs
    this.#fittedMs = arrivalMs
    if (this.#windows === 0) {
      this.#windows = presumedWindows
      return 0
    }
    const limitMs = maxDrift * elapsedMs
    if (Math.abs(errorMs) > believedMs + limitMs) return within(limitMs, errorMs)
    const n = this.#windows = Math.min(this.#windows + 1, rememberedWindows)
    this.#rate = within(maxDrift, this.#rate + 6 / (n * (n + 1)) * errorMs / elapsedMs)
    // After long silence the last window alone knows
    return within(limitMs, elapsedMs > 3 * windowMs ? errorMs : (4 * n - 2) / (n * (n + 1)) * errorMs)
  }

  #begin (arrivalMs: number): void {
    this.#untilMs = arrivalMs + windowMs
    this.#frames = 0
    this.#leastMs = Infinity
  }
}

function within (limit: number, value: number): number {
  return Math.max(-limit, Math.min(limit, value))
}
