import type { Logger } from 'pino'
import { RoomtapeError } from '../core/errors.ts'
import { readJournaled } from '../rooms/journaled-event.ts'
import type { HeardEvent, TakenEvent } from '../rooms/take-event.ts'
import type { EventJournal } from '../spool/event-journal.ts'
import { isRefusal } from '../state/database.ts'

export interface ApplyJournalDeps {
  /** Puts an event into the tables. */
  take: (event: HeardEvent) => Promise<TakenEvent>
  onTaken: (taken: TakenEvent) => Promise<void>
  log: Pick<Logger, 'error'>
}

/**
 * Puts the events of a journal into the tables, in order; each is removed when it is there. One that the tables will never take is put aside.
 * @returns how many had not come before
 * @throws what the database throws; the rest stays
 */
export async function applyJournal (
  journal: Pick<EventJournal, 'first' | 'removeFirst' | 'refuseFirst'>, { take, onTaken, log }: ApplyJournalDeps
): Promise<number> {
  let added = 0
  for (let json = await journal.first(); json !== undefined; json = await journal.first()) {
    let taken: TakenEvent
    try {
      taken = await take(readJournaled(json))
    } catch (err) {
      if (!isHopeless(err)) throw err
      log.error({ err }, 'an event of the event journal cannot be applied and is put aside')
      await journal.refuseFirst(json)
      continue
    }
    await journal.removeFirst()
    if (taken.isNew) added++
    await onTaken(taken)
  }
  return added
}

/** Whether an event is refused for what it is. */
export function isHopeless (error: unknown): boolean {
  return isRefusal(error) || (error instanceof RoomtapeError && (error.fault === 'caller' || error.error === 'FILE_UNREADABLE'))
}
