import type { Selectable } from 'kysely'
import type { Connection } from './database.ts'
import type { Tables } from './tables.ts'

/**
 * What audio of a recording comes from, one after another over time: of a user, or of its whole room when `userId` is null. Noted before anybody
 * is asked for it, so that there is none that nobody knows. What is its engine's own stands in a row of that engine (`state/relay-tasks.ts`).
 */
export type SourceRow = Selectable<Tables['sources']>

/** A source with what plan and timeline need of its relay task; null without one. */
export type SourceWithTask = SourceRow & { robotId: string | null, relayStatus: string | null }

export async function insertSource (db: Connection, source: Omit<SourceRow, 'stoppedMs'>): Promise<void> {
  await db.insertInto('sources').values(source).execute()
}

/** Notes that nobody uses the source any more and that its engine has done what there was to do. */
export async function markSourceStopped (db: Connection, id: string, nowMs: number): Promise<void> {
  await db.updateTable('sources').set({ stoppedMs: nowMs }).where('id', '=', id).execute()
}

/** Sources nobody has stopped yet. */
export async function openSources (db: Connection, recordingId: string): Promise<SourceWithTask[]> {
  return withTask(db, recordingId).where('sources.stoppedMs', 'is', null).execute()
}

/** Every source of a recording, oldest first. */
export async function sourcesOf (db: Connection, recordingId: string): Promise<SourceWithTask[]> {
  return withTask(db, recordingId).execute()
}

function withTask (db: Connection, recordingId: string) {
  return db.selectFrom('sources').leftJoin('relayTasks', 'relayTasks.sourceId', 'sources.id')
    .selectAll('sources').select(['relayTasks.robotId', 'relayTasks.status as relayStatus'])
    .where('sources.recordingId', '=', recordingId).orderBy('sources.createdMs').orderBy('sources.id')
}
