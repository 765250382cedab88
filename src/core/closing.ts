/** One step of a process's end. */
export interface ClosingStep {
  name: string
  /** How long it may take at least. What the steps before it left of theirs it may have as well. */
  limitMs: number
  close: () => unknown
}

interface ClosingLog { error: (what: { step: string, err?: unknown, limitMs?: number }, message: string) => void }

/**
 * What has to be closed, as a list of named steps: the newest first, since it may need the older ones. Each is bounded, so the whole is too,
 * by the sum of the limits. A step that fails, or takes too long, is told of by its name, and the next one begins.
 */
export class Closing implements AsyncDisposable {
  readonly #log: ClosingLog
  #steps: ClosingStep[] = []

  constructor (log: ClosingLog) {
    this.#log = log
  }

  /** In the order in which they will be taken. */
  get steps (): readonly ClosingStep[] { return this.#steps }

  /** To be called as soon as there is something to close. */
  add (step: ClosingStep): void {
    this.#steps.unshift(step)
  }

  /** Hands all steps over to another, so that this one's end closes nothing. */
  move (): Closing {
    const moved = new Closing(this.#log)
    moved.#steps = this.#steps
    this.#steps = []
    return moved
  }

  /** Takes every step. @returns the names of those that did not end in their time */
  async run (): Promise<string[]> {
    const steps = this.#steps
    this.#steps = []
    const late: string[] = []
    const startedMs = performance.now()
    let dueMs = 0
    for (const step of steps) {
      dueMs += step.limitMs
      if (!await this.#take(step, startedMs + dueMs - performance.now())) late.push(step.name)
    }
    return late
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    await this.run()
  }

  async #take ({ name, close }: ClosingStep, limitMs: number): Promise<boolean> {
    const timeUp = Promise.withResolvers<boolean>()
    const timer = setTimeout(() => { timeUp.resolve(false) }, Math.max(0, limitMs))
    const closed = (async () => { await close() })().catch((err: unknown) => { this.#log.error({ err, step: name }, 'closing failed') }).then(() => true)
    const inTime = await Promise.race([closed, timeUp.promise])
    clearTimeout(timer)
    if (!inTime) this.#log.error({ step: name, limitMs: Math.round(limitMs) }, 'closing takes too long, going on without it')
    return inTime
  }
}
