/**
 * Counts the buffers that the connections of a thread keep for half-read messages. Each connection always has its own share; what it wants
 * beyond that comes out of one pool, so that connections that want much exhaust the pool, not the thread, and the others have their share still.
 */
export class KeptBytes {
  readonly #ownBytes: number
  readonly #sharedBytes: number
  #usedOfPool = 0
  #total = 0

  constructor ({ ownBytes, sharedBytes }: { ownBytes: number, sharedBytes: number }) {
    this.#ownBytes = ownBytes
    this.#sharedBytes = sharedBytes
  }

  get total (): number { return this.#total }

  /** A connection kept `before` bytes and wants to keep `after`. Gives whether it may; less is always granted. */
  resize (before: number, after: number): boolean {
    const usedOfPool = this.#usedOfPool + Math.max(0, after - this.#ownBytes) - Math.max(0, before - this.#ownBytes)
    if (usedOfPool > this.#sharedBytes && usedOfPool > this.#usedOfPool) return false
    this.#usedOfPool = usedOfPool
    this.#total += after - before
    return true
  }
}
