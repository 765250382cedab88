import type { RoomtapeError } from '../core/errors.ts'
import type { Death } from './thread.ts'

/** What a supervisor needs of a thread. */
export interface Supervised {
  readonly ready: Promise<unknown>
  readonly exited: Promise<{ death: Death, error: RoomtapeError }>
  /** By `performance.now()`. */
  readonly startedMs: number
  look (): void
  stop (): Promise<void>
}

export interface SupervisorOptions<Thread extends Supervised> {
  threads: number
  start: (index: number) => Thread
  /** A thread died or hangs; another takes its place. */
  onDeath: (thread: Thread, error: RoomtapeError) => void
  /** A thread runs in the place of one that died. */
  onRecovered: (index: number) => void
  /** Once a second, for each thread. */
  onLook: (index: number, thread: Thread) => void
}

/** How long after its death a thread is replaced; doubled each time another dies soon after, as one whose port is still taken does. */
const firstRestartMs = 500
const maxRestartMs = 30_000
/** How long a thread lives before it owes nothing to the one before it. */
const settledMs = 60_000
const lookEveryMs = 1_000

/** Keeps a number of threads running: looks for those that hang, and starts another in the place of each that is gone. */
export class Supervisor<Thread extends Supervised> {
  readonly #options: SupervisorOptions<Thread>
  readonly #threads: Thread[] = []
  /** By index: the deaths since the start, and how many of them followed soon on one another. */
  readonly #deaths: Array<Record<Death, number> & { inARow: number }> = []
  #looking: NodeJS.Timeout | undefined
  #closing = false

  constructor (options: SupervisorOptions<Thread>) {
    this.#options = options
  }

  get threads (): readonly Thread[] { return this.#threads }

  /** Resolves when every thread is ready. */
  async start (): Promise<void> {
    for (let index = 0; index < this.#options.threads; index++) {
      this.#deaths.push({ crash: 0, hang: 0, inARow: 0 })
      this.#threads.push(this.#start(index))
    }
    this.#looking = setInterval(() => { this.#look() }, lookEveryMs)
    await Promise.all(this.#threads.map((thread) => thread.ready))
  }

  /** How often the thread with this index has been replaced, by what it died of. */
  restarts (index: number): Record<Death, number> {
    const { crash = 0, hang = 0 } = this.#deaths[index] ?? {}
    return { crash, hang }
  }

  /** Stops every thread. */
  async close (): Promise<void> {
    this.#closing = true
    await Promise.all(this.#threads.map((thread) => thread.stop())) // a thread that hangs meanwhile is still looked for
    clearInterval(this.#looking)
  }

  #start (index: number): Thread {
    const thread = this.#options.start(index)
    void thread.exited.then(({ death, error }) => { this.#replace(index, thread, death, error) })
    return thread
  }

  #look (): void {
    for (const [index, thread] of this.#threads.entries()) {
      thread.look()
      this.#options.onLook(index, thread)
    }
  }

  #replace (index: number, thread: Thread, death: Death, error: RoomtapeError): void {
    if (this.#closing) return
    setTimeout(() => { this.#restart(index) }, this.#restartDelayMs(index, thread, death)).unref()
    this.#options.onDeath(thread, error)
  }

  #restart (index: number): void {
    if (this.#closing) return
    const thread = this.#threads[index] = this.#start(index)
    // That it could not start is told as its death
    thread.ready.then(() => { this.#options.onRecovered(index) }, () => undefined)
  }

  #restartDelayMs (index: number, { startedMs }: Thread, death: Death): number {
    const deaths = this.#deaths[index]
    if (deaths === undefined) return firstRestartMs
    deaths[death]++
    deaths.inARow = performance.now() - startedMs > settledMs ? 1 : deaths.inARow + 1
    return Math.min(maxRestartMs, firstRestartMs * 2 ** (deaths.inARow - 1))
  }
}
