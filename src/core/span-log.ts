/** Between two moments of `monotonicMs()`. */
export interface MonotonicSpan { fromMs: number, toMs: number }

/** Who has not read for so many spans misses the oldest. */
const maxSpans = 1_000

/**
 * Spans of this process's life in which something could not be done, for everybody whom they concern: each reads them once.
 * All times are of `monotonicMs()`.
 */
export class SpanLog {
  readonly #ended: MonotonicSpan[] = []
  /** How many ended ones are forgotten. */
  #forgotten = 0
  #sinceMs: number | undefined

  /** Since when one goes on. */
  get sinceMs (): number | undefined { return this.#sinceMs }

  add (fromMs: number, toMs: number): void {
    if (toMs <= fromMs) return
    this.#ended.push({ fromMs, toMs })
    if (this.#ended.length <= maxSpans) return
    this.#ended.shift()
    this.#forgotten++
  }

  /** One begins, or has begun earlier than was known. */
  begin (fromMs: number): void {
    this.#sinceMs = Math.min(fromMs, this.#sinceMs ?? Infinity)
  }

  /** Whatever goes on ends. */
  end (toMs: number): void {
    if (this.#sinceMs !== undefined) this.add(this.#sinceMs, toMs)
    this.#sinceMs = undefined
  }

  /** Reads what ends from now on: each call gives what has ended since the one before. */
  reader (): () => MonotonicSpan[] {
    let read = this.#forgotten + this.#ended.length
    return () => {
      const unread = this.#ended.slice(Math.max(0, read - this.#forgotten))
      read = this.#forgotten + this.#ended.length
      return unread
    }
  }
}
