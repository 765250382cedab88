const figures = [
  /** Counts up for as long as the thread's loop goes round. */
  'beats',
  /** Share of time the loop is expected to be busy with every track it has, 0…1 and above; and what one more track adds. */
  'load', 'trackLoad',
  'tracks', 'connections', 'publishing',
  /** Since the thread began, as what follows that ends in `Total` or `lostMs`. */
  'framesTotal', 'frameBytesTotal', 'droppedFramesTotal',
  /** Fragments of all tracks that wait for the disk, and the tracks of which too many do. */
  'fragmentsWaiting', 'tracksBehind',
  /** Audio the disk could not take, over all tracks. */
  'lostMs'
] as const
type Figure = typeof figures[number]
export type Figures = Record<Figure, number>

/**
 * What a capture thread says of itself, in memory that the main thread sees even while the thread's loop stands still. The thread writes,
 * the main thread reads; no message, no lock. Each figure is one aligned double and so never half written; two of them may be of different
 * moments.
 */
export class Board {
  /** What the other side makes its board of. */
  readonly memory: SharedArrayBuffer
  readonly #values: Float64Array

  constructor (memory = new SharedArrayBuffer(figures.length * Float64Array.BYTES_PER_ELEMENT)) {
    this.memory = memory
    this.#values = new Float64Array(memory)
  }

  write (values: Partial<Figures>): void {
    for (const [index, figure] of figures.entries()) {
      const value = values[figure]
      if (value !== undefined) this.#values[index] = value
    }
  }

  /** Says that the thread's loop goes round. */
  beat (): void {
    this.#values[0] = (this.#values[0] ?? 0) + 1
  }

  read (): Figures {
    return Object.fromEntries(figures.map((figure, index) => [figure, this.#values[index] ?? 0])) as Figures
  }
}
