/** A bell that one loop waits for: ringing it while nobody waits makes the next wait return at once. */
export class Wakeup {
  #rung = false
  #waiting: (() => void) | undefined

  wake (): void {
    this.#rung = true
    this.#waiting?.()
  }

  /** Resolves at the next ring, after `longestMs`, or when the signal is aborted. */
  async next (longestMs: number, { signal }: { signal: AbortSignal }): Promise<void> {
    if (!this.#rung && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<undefined>()
      const end = (): void => { resolve(undefined) }
      const timer = setTimeout(end, longestMs)
      this.#waiting = end
      signal.addEventListener('abort', end, { once: true })
      await promise
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      this.#waiting = undefined
    }
    this.#rung = false
  }
}
