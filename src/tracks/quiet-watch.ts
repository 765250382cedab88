/** How long no frame must have come: longer than any stall of a network that is still there. */
const quietMs = 1_500

interface QuietWatchOptions {
  /** When the last frame arrived, Unix milliseconds; null before the first. */
  lastFrameMs: () => number | null
  /** Unix milliseconds, the clock of arrivals. */
  now: () => number
  onQuiet: (atMs: number, lastFrameMs: number | null) => void
  /** Has work done after some milliseconds. @returns what calls it off */
  later?: (ms: number, work: () => void) => () => void
}

/** Tells, once for each start, that no frame has come for a while. Costs nothing while frames come. */
export class QuietWatch {
  readonly #options: QuietWatchOptions
  #sinceMs = 0
  #callOff: (() => void) | undefined

  constructor (options: QuietWatchOptions) {
    this.#options = options
  }

  /** Waits from now on, whatever it waited for before. */
  start (): void {
    this.stop()
    this.#sinceMs = this.#options.now()
    this.#wait(quietMs)
  }

  stop (): void {
    this.#callOff?.()
    this.#callOff = undefined
  }

  #wait (ms: number): void {
    const { later = afterPoll } = this.#options
    this.#callOff = later(ms, () => { this.#look() })
  }

  #look (): void {
    const { lastFrameMs, now, onQuiet } = this.#options
    const nowMs = now()
    const lastMs = lastFrameMs()
    const leftMs = Math.max(this.#sinceMs, lastMs ?? 0) + quietMs - nowMs
    if (leftMs > 0) this.#wait(leftMs)
    else onQuiet(nowMs, lastMs)
  }
}

/** Timers run before sockets are read, and after a nap: what has arrived meanwhile is heard first. */
function afterPoll (ms: number, work: () => void): () => void {
  let turn: NodeJS.Immediate | undefined
  const timer = setTimeout(() => { turn = setImmediate(work) }, ms)
  return () => {
    clearTimeout(timer)
    clearImmediate(turn)
  }
}
