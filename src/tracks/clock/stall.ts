/** How late frames are by jitter and drift alone, at the most. Later ones say nothing of drift. */
export const lateMs = 300
/** How long they have to be late. */
const proofMs = 10_000
/** How much less late frames become, from one half of that time to the other, by a network that catches up at 1.05 times real time or faster. */
const catchUpMs = 200
/** The same for each second, leaps up left out. Less than `jitterMs` in all is none. */
const catchUpPerSecondMs = 20
const jitterMs = 50
/** Another stall makes frames later by this from one second to the next, or by more. */
const leapMs = 60
const binMs = 1_000
const bins = proofMs / binMs
/** In how many of these seconds frames have to come. A source that talks less is believed when it has done so for `sparseMs`. */
const enoughBins = 4
const sparseMs = 20_000

/**
 * Tells a source whose clock stood still from a network that stood: both make frames late from one moment on, whose timestamps know nothing of it.
 * A network catches up; after a clock that stood, lateness stays. Further stalls meanwhile, of either kind, leap up and do not begin the wait anew.
 */
export class StallDetector {
  /** By second since frames are late: the least lateness; Infinity when none came. The newest is last, `proofMs` of them at the most. */
  #least: number[] = []
  /** When the newest second ends; frames are in time while there is none. */
  #untilMs = 0
  /** Since when too few seconds have frames; Infinity: they have enough. */
  #sparseSinceMs = Infinity

  /**
   * @param latenessMs arrival less the moment of the room the frame was placed at
   * @returns for how long the source's clock has stood: what follows belongs so much later; 0: nothing is known
   */
  observe (latenessMs: number, arrivalMs: number): number {
    if (latenessMs <= lateMs) {
      if (this.#least.length > 0) this.restart()
      return 0
    }
    if (this.#least.length === 0 || arrivalMs - this.#untilMs >= proofMs) {
      this.#least = [latenessMs]
      this.#sparseSinceMs = Infinity
      this.#untilMs = arrivalMs + binMs
      return 0
    }
    let stoodMs = 0
    for (; arrivalMs >= this.#untilMs; this.#untilMs += binMs) {
      const isNewest = arrivalMs < this.#untilMs + binMs
      if (isNewest && this.#least.length === bins) stoodMs = this.#proven(latenessMs, arrivalMs)
      this.#least.push(Infinity)
      if (this.#least.length > bins) this.#least.shift()
    }
    const newest = this.#least.length - 1
    this.#least[newest] = Math.min(this.#least[newest] ?? Infinity, latenessMs - stoodMs)
    return stoodMs
  }

  /** Frames are in time, or have no clock in common with those so far. */
  restart (): void { this.#least = [] }

  /** What `observe` returns after the last `proofMs`. What is late after that has been so since the last second that is not. */
  #proven (latenessMs: number, arrivalMs: number): number {
    const before = Math.min(...this.#least.slice(0, bins / 2))
    const lately = Math.min(...this.#least.slice(bins / 2), latenessMs)
    if (before === Infinity || !this.#isHeard(arrivalMs) || lately < before - catchUpMs || this.#isFalling()) return 0
    const stoodMs = Math.min(before, lately)
    if (stoodMs <= lateMs) return 0
    const rest = this.#least.map((leastMs) => leastMs - stoodMs)
    this.#least = rest.slice(rest.findLastIndex((leastMs) => leastMs <= lateMs) + 1)
    return stoodMs
  }

  #isHeard (arrivalMs: number): boolean {
    const isEnough = this.#least.filter(Number.isFinite).length >= enoughBins
    this.#sparseSinceMs = isEnough ? Infinity : Math.min(this.#sparseSinceMs, arrivalMs)
    return isEnough || arrivalMs - this.#sparseSinceMs >= sparseMs
  }

  /** Whether frames become less and less late, but for leaps up. */
  #isFalling (): boolean {
    let [fallMs, seconds] = [0, 0]
    for (let index = 1; index < this.#least.length; index++) {
      const riseMs = this.#at(index) - this.#at(index - 1)
      if (!Number.isFinite(riseMs) || riseMs >= leapMs) continue
      fallMs -= riseMs
      seconds++
    }
    return fallMs > Math.max(jitterMs, catchUpPerSecondMs * seconds)
  }

  #at (index: number): number { return this.#least[index] ?? Infinity }
}
