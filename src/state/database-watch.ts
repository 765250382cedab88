import type { Logger } from 'pino'
import { monotonicMs } from '../core/clock.ts'
import { RoomtapeError } from '../core/errors.ts'
import { SpanLog } from '../core/span-log.ts'
import { TooLate, within } from '../core/within.ts'
import { isUnreachable } from './database.ts'

export interface DatabaseWatchDeps {
  /** Asks the database for anything. */
  ping: () => Promise<unknown>
  log: Pick<Logger, 'info' | 'warn'>
}

/** How long work for which somebody waits may take. Two of them in a row leave an event some time of TRTC's 5 s. */
const askLimitMs = 1_500
const pingLimitMs = 2_000
const pingEveryMs = 2_000
/** How often a database that is away is looked for. */
const lookEveryMs = 500

/**
 * Knows whether the database answers, and since when it does not: one that refuses and one that hangs are both away. Whoever asks and gets no
 * answer raises a doubt; while there is one nobody waits for the database, and a ping decides.
 */
export class DatabaseWatch {
  /** When it was away, each from the first question that got no answer. */
  readonly absences = new SpanLog()
  readonly #deps: DatabaseWatchDeps
  readonly #listeners: Array<() => void> = []
  #state: 'here' | 'doubted' | 'away' = 'here'
  #doubtedMs = Infinity
  /** When the last ping that was answered was sent. */
  #answeredMs = monotonicMs()
  #pinging: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor (deps: DatabaseWatchDeps) {
    this.#deps = deps
    this.#pingLater()
  }

  get isAway (): boolean { return this.#state === 'away' }

  /** Has something done whenever the database answers again. */
  onHere (listener: () => void): void {
    this.#listeners.push(listener)
  }

  /**
   * Runs work on the database for somebody who cannot wait long.
   * @throws RoomtapeError UNAVAILABLE when the database is away or takes too long (it may have done the work all the same), or what the work throws
   */
  async ask<T> (work: () => Promise<T>): Promise<T> {
    if (this.#state !== 'here') throw new RoomtapeError('UNAVAILABLE', 'the database is away')
    const askedMs = monotonicMs()
    try {
      return await within(askLimitMs, work())
    } catch (error) {
      if (!(error instanceof TooLate) && !isUnreachable(error)) throw error
      this.#doubt(askedMs)
      throw new RoomtapeError('UNAVAILABLE', 'the database does not answer', { cause: error })
    }
  }

  /** Looks now. @returns whether it answers */
  async look (): Promise<boolean> {
    await this.#ping()
    return this.#state === 'here'
  }

  close (): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  #doubt (sinceMs: number): void {
    this.#doubtedMs = Math.min(this.#doubtedMs, Math.max(sinceMs, this.#answeredMs))
    if (this.#state === 'away') this.absences.begin(this.#doubtedMs)
    if (this.#state !== 'here') return
    this.#state = 'doubted'
    void this.#ping()
  }

  async #ping (): Promise<void> {
    this.#pinging ??= this.#pingOnce().finally(() => { this.#pinging = undefined })
    await this.#pinging
  }

  async #pingOnce (): Promise<void> {
    clearTimeout(this.#timer)
    const sentMs = monotonicMs()
    const failure = await within(pingLimitMs, this.#deps.ping()).then(() => undefined, (err: unknown) => ({ err }))
    if (failure === undefined) this.#onAnswer(sentMs)
    else this.#onNoAnswer(sentMs, failure)
    this.#pingLater()
  }

  #onAnswer (sentMs: number): void {
    const before = this.#state
    this.#state = 'here'
    this.#doubtedMs = Infinity
    this.#answeredMs = sentMs
    if (before === 'here') return
    const nowMs = monotonicMs()
    if (before === 'away') this.#deps.log.info({ awayMs: Math.round(nowMs - (this.absences.sinceMs ?? nowMs)) }, 'the database is back')
    this.absences.end(nowMs)
    for (const listener of this.#listeners) listener()
  }

  #onNoAnswer (sentMs: number, failure: { err: unknown }): void {
    if (this.#state !== 'away') this.#deps.log.warn(failure, 'the database is away')
    this.#state = 'away'
    this.absences.begin(Math.min(this.#doubtedMs, sentMs))
  }

  #pingLater (): void {
    if (this.#isClosed) return
    this.#timer = setTimeout(() => { void this.#ping() }, this.#state === 'away' ? lookEveryMs : pingEveryMs).unref()
  }
}
