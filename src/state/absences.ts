import type { Selectable } from 'kysely'
import { newId } from '../core/ids.ts'
import type { Connection } from './database.ts'
import type { Tables } from './tables.ts'

/** A span in which nobody here could record a user; `userId` null: the whole room. */
export type AbsenceRow = Selectable<Tables['absences']>

/** Causes of absences of the whole room in which nobody here heard its events. While the database was away they went into the event journal. */
export const deafCauses = ['away', 'events'] as const satisfies ReadonlyArray<AbsenceRow['cause']>

/** Notes a span that has ended, or one of a user that goes on (`endMs` null). */
export async function insertAbsence (db: Connection, absence: Omit<AbsenceRow, 'id'>): Promise<void> {
  await db.insertInto('absences').values({ id: newId('abs'), ...absence }).execute()
}

/** Ends what goes on of a user. */
export async function endAbsences (db: Connection, recordingId: string, userId: string, nowMs: number): Promise<void> {
  await db.updateTable('absences').set({ endMs: nowMs }).where('recordingId', '=', recordingId).where('userId', '=', userId).where('endMs', 'is', null).execute()
}

/** Asks for every absence of a recording, oldest first. */
export function absencesOf (db: Connection, recordingId: string) {
  return db.selectFrom('absences').selectAll().where('recordingId', '=', recordingId).orderBy('startMs').orderBy('id')
}
