/** How much each key has in hand. */
export class Tally<Key> {
  readonly #counts = new Map<Key, number>()

  of (key: Key): number {
    return this.#counts.get(key) ?? 0
  }

  /** Counts one more while something is done. */
  async while<T> (key: Key, work: () => Promise<T>): Promise<T> {
    this.#counts.set(key, this.of(key) + 1)
    try {
      return await work()
    } finally {
      const left = this.of(key) - 1
      if (left > 0) this.#counts.set(key, left)
      else this.#counts.delete(key)
    }
  }
}
