/**
 * What a thread says of itself, in memory that the main thread sees even while the thread's loop stands still. The thread writes, the main
 * thread reads; no message, no lock. Each figure is one aligned double and so never half written; two of them may be of different moments.
 */
export class Stats<Figure extends string> {
  /** What the other side makes its `Stats` of. */
  readonly memory: SharedArrayBuffer
  readonly #figures: readonly Figure[]
  /** The beats, then the figures in their order. */
  readonly #values: Float64Array

  constructor (figures: readonly Figure[], memory = new SharedArrayBuffer((1 + figures.length) * Float64Array.BYTES_PER_ELEMENT)) {
    this.memory = memory
    this.#figures = figures
    this.#values = new Float64Array(memory)
  }

  write (values: Readonly<Partial<Record<Figure, number>>>): void {
    for (const [index, figure] of this.#figures.entries()) {
      const value = values[figure]
      if (value !== undefined) this.#values[index + 1] = value
    }
  }

  read (): Record<Figure, number> {
    return Object.fromEntries(this.#figures.map((figure, index) => [figure, this.#values[index + 1] ?? 0])) as Record<Figure, number>
  }

  /** Says that the thread's loop goes round. */
  beat (): void {
    this.#values[0] = this.beats + 1
  }

  /** How often the thread's loop has said that it goes round. */
  get beats (): number { return this.#values[0] ?? 0 }
}
