import type { Logger } from 'pino'
import { backOffMs } from '../core/back-off.ts'
import { monotonicMs, type Clock } from '../core/clock.ts'
import { RoomtapeError } from '../core/errors.ts'
import type { SpanLog } from '../core/span-log.ts'
import { within } from '../core/within.ts'
import type { EventClock } from '../rooms/event-clock.ts'
import { journaled } from '../rooms/journaled-event.ts'
import { hearEvent, takeEvent, type HeardEvent, type TakenEvent } from '../rooms/take-event.ts'
import type { EventJournal } from '../spool/event-journal.ts'
import type { Connection } from '../state/database.ts'
import type { DatabaseWatch } from '../state/database-watch.ts'
import { applyJournal, isHopeless } from './apply-journal.ts'

export interface EventIntakeDeps {
  kysely: Connection
  database: Pick<DatabaseWatch, 'ask' | 'onHere' | 'isAway'>
  journal: EventJournal
  /** Told when events are turned away. */
  deafness: SpanLog
  /** An event is in the tables: wakes whom it concerns. */
  onTaken: (taken: TakenEvent) => Promise<void>
  eventClock: Pick<EventClock, 'note'>
  /** The gateway's. */
  clock: Clock
  log: Logger
}

/** How long an event waits for the disk: TRTC's 5 s are nearly over by then. */
const journalLimitMs = 1_500
/** How often it is tried again while the process closes. */
const lastTriesEveryMs = 500

/**
 * Takes the events of rooms: into the tables, or while these cannot have them into the event journal, from which they are applied, in order, as soon
 * as they can. An event is taken when it is in either. One that neither can have is turned away, and the time until events can be taken again
 * is one in which nobody here hears of rooms.
 */
export class EventIntake {
  readonly #deps: EventIntakeDeps
  #journaledTotal = 0
  #turnedAwayTotal = 0
  #isBehind = false
  #failures = 0
  #applying: Promise<void> | undefined
  #retry: NodeJS.Timeout | undefined
  #isClosed = false

  constructor (deps: EventIntakeDeps) {
    this.#deps = deps
    deps.database.onHere(() => {
      this.#hears()
      this.#applySoon()
    })
  }

  /** `journaling`: the tables cannot have events at present; `deaf`: nor can the journal. */
  get state (): 'ok' | 'journaling' | 'deaf' {
    if (this.#deps.deafness.sinceMs !== undefined) return 'deaf'
    return this.#isBehind ? 'journaling' : 'ok'
  }

  figures (): { journaledTotal: number, turnedAwayTotal: number, waiting: number } {
    return { journaledTotal: this.#journaledTotal, turnedAwayTotal: this.#turnedAwayTotal, waiting: this.#deps.journal.size }
  }

  /**
   * Takes one event.
   * @param body the JSON of the request, its signature checked
   * @throws RoomtapeError VALIDATION naming the field, UNAVAILABLE when it is turned away
   */
  async take (sdkAppId: number, body: unknown): Promise<void> {
    const event = hearEvent(sdkAppId, body, this.#deps.clock)
    const taken = await this.#toTables(event)
    if (taken === undefined) await this.#toJournal(event)
    const { event: { sentMs }, heardMs } = event
    if (sentMs !== undefined) this.#deps.eventClock.note(sentMs, heardMs)
    this.#hears()
    if (taken !== undefined) await this.#deps.onTaken(taken)
  }

  /** Applies what a process before this one left. @throws what the database throws */
  async begin (): Promise<void> {
    const waiting = this.#deps.journal.size
    if (waiting === 0) return
    await this.#apply()
    this.#deps.log.info({ events: waiting }, 'the event journal is applied')
  }

  /** Applies what is left, if the database answers. @param tryForMs how long it is tried again when it does not */
  async close ({ tryForMs }: { tryForMs: number }): Promise<void> {
    const { journal, log } = this.#deps
    const untilMs = monotonicMs() + tryForMs
    this.#isClosed = true
    clearTimeout(this.#retry)
    for (let isFirst = true; journal.size > 0 && (isFirst || monotonicMs() < untilMs); isFirst = false) {
      const isApplied = await this.#apply().then(() => true, () => false)
      if (!isApplied && tryForMs > 0) await new Promise((resolve) => { setTimeout(resolve, lastTriesEveryMs).unref() })
    }
    if (journal.size > 0) log.warn({ events: journal.size }, 'events stay in the event journal for the next start on this spool')
    await journal.close()
  }

  /** @returns undefined when the tables cannot have it now */
  async #toTables (event: HeardEvent): Promise<TakenEvent | undefined> {
    const { database, kysely, log } = this.#deps
    try {
      return await database.ask(() => takeEvent(event, kysely))
    } catch (err) {
      if (isHopeless(err)) throw err
      if (!isAway(err)) log.error({ err }, 'an event is not taken by the tables')
      return undefined
    }
  }

  async #toJournal (event: HeardEvent): Promise<void> {
    const { journal, deafness, log } = this.#deps
    try {
      await within(journalLimitMs, journal.add(journaled(event)))
    } catch (err) {
      this.#turnedAwayTotal++
      if (deafness.sinceMs === undefined) log.error({ err }, 'events are turned away: neither the tables nor the event journal take them')
      deafness.begin(event.monotonicMs)
      throw new RoomtapeError('UNAVAILABLE', 'the event can be taken neither by the tables nor by the event journal', { cause: err })
    }
    this.#journaledTotal++
    if (!this.#isBehind) log.warn('events go into the event journal')
    this.#isBehind = true
    this.#applySoon()
  }

  /** Events can be taken. */
  #hears (): void {
    const { deafness, log } = this.#deps
    if (deafness.sinceMs === undefined) return
    deafness.end(monotonicMs())
    log.info('events are taken again')
  }

  /** Applies what waits, now or when the database is back; what fails otherwise is tried again, at growing intervals. */
  #applySoon (): void {
    if (this.#isClosed || this.#deps.database.isAway) return
    clearTimeout(this.#retry)
    this.#apply().then(() => {
      // One may have been added just when the last was applied.
      if (this.#deps.journal.size > 0) this.#applySoon()
    }).catch((err: unknown) => {
      if (this.#isClosed || this.#deps.database.isAway) return
      if (!isAway(err)) this.#deps.log.error({ err }, 'the event journal is not applied yet')
      this.#retry = setTimeout(() => { this.#applySoon() }, backOffMs(this.#failures++)).unref()
    })
  }

  async #apply (): Promise<void> {
    this.#applying ??= this.#applyAll().finally(() => { this.#applying = undefined })
    await this.#applying
  }

  async #applyAll (): Promise<void> {
    const { database, kysely, journal, onTaken, log } = this.#deps
    await applyJournal(journal, { take: (event) => database.ask(() => takeEvent(event, kysely)), onTaken, log })
    this.#failures = 0
    if (this.#isBehind) log.info('the event journal is empty, events go into the tables')
    this.#isBehind = false
  }
}

function isAway (error: unknown): boolean {
  return error instanceof RoomtapeError && error.error === 'UNAVAILABLE'
}
