/** How many looks in a row, a second apart, see no beat before a thread counts as hung. */
const looksWithoutBeat = 8
/** The same while the thread starts: reading its code takes long on a machine that is busy. */
const looksAtStart = 30

/**
 * A watchdog: tells a thread that hangs by its beats. It counts the main thread's looks, not time: after the main thread was blocked, or the whole
 * machine suspended, there was one look, and by the next a thread that lives has beaten again.
 */
export class HangDetector {
  #beats = 0
  #missed = 0

  /** To be called once a second. @param beats counted up by the thread; 0 until it has started. @returns whether it hangs */
  look (beats: number): boolean {
    this.#missed = beats === this.#beats ? this.#missed + 1 : 0
    this.#beats = beats
    return this.#missed >= (beats === 0 ? looksAtStart : looksWithoutBeat)
  }
}
