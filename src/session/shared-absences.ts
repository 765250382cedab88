import { monotonicMs, type Clock } from '../core/clock.ts'
import type { SpanLog } from '../core/span-log.ts'
import type { TrackNotes } from './track-notes.ts'

export interface SharedAbsencesDeps {
  /** The recording's. */
  clock: Clock
  /** When events of rooms could not be taken. */
  deafness: SpanLog
  /** When they were refused, since the wall clock was off. */
  misdated: SpanLog
  /** When the database was away. */
  outages: SpanLog
}

/** Notes for one recording the absences that this process had for all of them, from now on. */
export class SharedAbsences {
  readonly #notes: Pick<TrackNotes, 'absence'>
  readonly #clock: Clock
  readonly #kinds

  constructor (notes: Pick<TrackNotes, 'absence'>, { clock, deafness, misdated, outages }: SharedAbsencesDeps) {
    this.#notes = notes
    this.#clock = clock
    this.#kinds = ([['events', deafness], ['events', misdated], ['database', outages]] as const).map(([cause, log]) => ({ cause, log, ended: log.reader() }))
  }

  /** Notes those that have ended. @param isLast also what goes on */
  note ({ isLast = false } = {}): void {
    const nowMs = monotonicMs()
    const offsetMs = this.#clock.now() - nowMs
    for (const { cause, log, ended } of this.#kinds) {
      const goesOn = isLast && log.sinceMs !== undefined ? [{ fromMs: log.sinceMs, toMs: nowMs }] : []
      for (const { fromMs, toMs } of [...ended(), ...goesOn]) this.#notes.absence(cause, Math.round(offsetMs + fromMs), Math.round(offsetMs + toMs))
    }
  }
}
