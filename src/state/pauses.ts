import { sql, type Selectable } from 'kysely'
import { newId } from '../core/ids.ts'
import type { Connection } from './database.ts'
import type { Tables } from './tables.ts'

export type PauseRow = Selectable<Tables['pauses']>

/** The users that a pause is for, who need not be there yet; undefined: the whole recording. */
export type PauseScope = readonly string[] | undefined

/** Begins a pause for each user of the scope; a pause that is open already keeps its start. */
export async function beginPauses (db: Connection, recordingId: string, scope: PauseScope, nowMs: number): Promise<void> {
  const rows = usersOf(scope).map((userId) => ({ id: newId('pau'), recordingId, userId, startMs: nowMs, endMs: null }))
  await db.insertInto('pauses').values(rows).onConflict((conflict) => conflict.doNothing()).execute()
}

/** Ends the pauses of exactly this scope: a user paused alone stays paused when the whole recording goes on, and the other way round. */
export async function endPauses (db: Connection, recordingId: string, scope: PauseScope, nowMs: number): Promise<void> {
  const open = db.updateTable('pauses').set({ endMs: sql`greatest(start_ms, ${nowMs}::bigint)` }).where('recordingId', '=', recordingId).where('endMs', 'is', null)
  await (scope === undefined ? open.where('userId', 'is', null) : open.where('userId', 'in', scope)).execute()
}

/** Asks for every pause of a recording, oldest first. */
export function pausesOf (db: Connection, recordingId: string) {
  return db.selectFrom('pauses').selectAll().where('recordingId', '=', recordingId).orderBy('startMs').orderBy('id')
}

/** The pauses of these recordings that have not ended. */
export async function openPauses (db: Connection, recordingIds: readonly string[]): Promise<PauseRow[]> {
  if (recordingIds.length === 0) return []
  return db.selectFrom('pauses').selectAll().where('recordingId', 'in', recordingIds).where('endMs', 'is', null).execute()
}

function usersOf (scope: PauseScope): Array<string | null> {
  return scope === undefined ? [null] : [...new Set(scope)]
}
