/** How long no frame must have come: longer than any stall of a network that is still there. */
const quietMs = 1_500

interface QuietWatchOptions {
  /** When the last frame arrived, Unix milliseconds; null before the first. */
  lastFrameMs: () => number | null
  /** Unix milliseconds, the clock of arrivals. */
  now: () => number
  onQuiet: (atMs: number, lastFrameMs: number | null) => void
}

/** Tells, once for each start, that no frame has come for a while. Costs nothing while frames come. */
export class QuietWatch {
  readonly #options: QuietWatchOptions
  #sinceMs = 0
  #timer: NodeJS.Timeout | undefined
  #turn: NodeJS.Immediate | undefined

  constructor (options: QuietWatchOptions) {
    this.#options = options
  }

  get waiting (): boolean { return this.#timer !== undefined || this.#turn !== undefined }

  /** Waits from now on, whatever it waited for before. */
  start (): void {
    this.stop()
    this.#sinceMs = this.#options.now()
    this.#wait(quietMs)
  }

  stop (): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#turn)
    this.#timer = this.#turn = undefined
  }

  #wait (ms: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      // Timers run before sockets are read, and after a nap: what has arrived meanwhile is heard first
      this.#turn = setImmediate(() => {
        this.#turn = undefined
        this.#look()
      })
    }, ms)
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
