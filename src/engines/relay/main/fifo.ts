/**
 * A queue from whose middle things can be deleted. Nothing in it is looked at twice: the iterator of a `Set` goes on with what was added
 * since it was made, while a new one would begin with all the places from which something was deleted.
 */
export class Fifo<T> {
  readonly #all = new Set<T>()
  readonly #oldest = this.#all.values()

  get size (): number { return this.#all.size }

  /** Adds a thing at the end, unless it is in the queue. */
  add (thing: T): void {
    this.#all.add(thing)
  }

  delete (thing: T): void {
    this.#all.delete(thing)
  }

  /** Takes the oldest; undefined when there is none. */
  shift (): T | undefined {
    // an iterator that has come to its end stays there
    if (this.#all.size === 0) return undefined
    const next = this.#oldest.next()
    if (next.done === true) return undefined
    this.#all.delete(next.value)
    return next.value
  }
}
