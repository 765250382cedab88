/** Media timestamps are whole milliseconds. */
const timestampRoundingMs = 1
/** How far, in frames and on the average of the last `leanFrames`, the audio may lean away from the file before a frame is put in or left out. */
const mostLean = 0.6
const leanFrames = 64
/** How far in the future audio may lie: a source may catch up with what it sent late, but not record what has not been. */
const maxAheadMs = 10_000

/**
 * Where a frame lies to the end of its file:
 *
 * - `follows`: at the end, with an error of at most one frame either way
 * - `hole`: further behind it; there is a gap before the frame
 * - `slow`: at the end, but the source's clock is slow: one frame of silence falls due before it
 * - `early`: further before it: the source's frames outrun its timestamps, or the room
 * - `fast`: at the end, but the source's clock is fast: one frame is too much
 */
export type Fit = 'follows' | 'hole' | 'slow' | 'early' | 'fast'

/** Says of each frame of one file where it lies. */
export class FileFit {
  readonly #frameMs: number
  readonly #toleranceMs: number
  readonly #mostLeanMs: number
  /** How far frames lie ahead of where the file has them, on the average of the last. */
  #leanMs = 0

  constructor (frameMs: number) {
    this.#frameMs = frameMs
    this.#toleranceMs = frameMs + timestampRoundingMs
    this.#mostLeanMs = mostLean * frameMs
  }

  /**
   * The first frame of a file is never early, though another encoding's longer frames may have ended after it began: no file is empty.
   * @param aheadMs the frame's room time less the end of the file
   * @param futureMs the frame's room time less its arrival
   * @param mayFill whether the file takes another gap
   */
  of (aheadMs: number, futureMs: number, isFirst: boolean, mayFill: boolean): Fit {
    const hole = aheadMs > this.#toleranceMs && mayFill
    const early = !isFirst && (aheadMs < -this.#toleranceMs || futureMs > maxAheadMs)
    this.#leanMs = hole || early ? 0 : this.#leanMs + (aheadMs - this.#leanMs) / leanFrames
    if (this.#leanMs < -this.#mostLeanMs) {
      this.#leanMs += this.#frameMs
      return 'fast'
    }
    if (early) return 'early'
    if (hole) return 'hole'
    return this.#leanMs > this.#mostLeanMs && mayFill ? 'slow' : 'follows'
  }

  /** The frame of silence that a `slow` source made due was put in. */
  filledDrift (): void { this.#leanMs -= this.#frameMs }
}
