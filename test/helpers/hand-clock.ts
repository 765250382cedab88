import { EventEmitter } from 'node:events'
import type { Clock } from '../../src/core/clock.ts'

interface Sleeper {
  atMs: number
  wake: () => void
}

/** A clock that stands still until it is moved, and tells when somebody has gone to sleep by it. */
export class HandClock extends EventEmitter<{ sleep: [] }> implements Clock {
  #nowMs = 1_700_000_000_000
  readonly #sleepers = new Set<Sleeper>()

  now (): number { return this.#nowMs }

  /** Resolves when the clock has been moved so far; rejects when aborted. */
  async sleep (ms: number, { signal }: { signal: AbortSignal }): Promise<void> {
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    const sleeper = { atMs: this.#nowMs + ms, wake: () => { resolve(undefined) } }
    const abort = (): void => { reject(signal.reason as Error) }
    signal.addEventListener('abort', abort, { once: true })
    this.#sleepers.add(sleeper)
    this.emit('sleep')
    try {
      await promise
    } finally {
      this.#sleepers.delete(sleeper)
      signal.removeEventListener('abort', abort)
    }
  }

  /** Resolves when somebody sleeps. */
  async asleep (): Promise<void> {
    while (this.#sleepers.size === 0) {
      const { promise, resolve } = Promise.withResolvers<undefined>()
      this.once('sleep', () => { resolve(undefined) })
      await promise
    }
  }

  advance (ms: number): void {
    this.#nowMs += ms
    for (const sleeper of this.#sleepers) if (sleeper.atMs <= this.#nowMs) this.#wake(sleeper)
  }

  /** Moves on to when the next sleeper wakes; not at all when nobody sleeps. */
  wakeNext (): void {
    const nextMs = Math.min(...[...this.#sleepers].map(({ atMs }) => atMs))
    if (nextMs !== Infinity) this.advance(Math.max(0, nextMs - this.#nowMs))
  }

  #wake (sleeper: Sleeper): void {
    this.#sleepers.delete(sleeper)
    sleeper.wake()
  }
}
