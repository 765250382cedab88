import type { Selectable } from 'kysely'
import type { Connection } from './database.ts'
import type { Tables } from './tables.ts'

/** One attempt to have an anchor's audio pushed to us: a relay task with a robot of its own. Noted before TRTC is asked. */
export type SourceRow = Selectable<Tables['sources']>

export async function insertSource (db: Connection, source: Pick<SourceRow, 'id' | 'recordingId' | 'userId' | 'generation' | 'robotId' | 'createdMs'>): Promise<void> {
  await db.insertInto('sources').values(source).execute()
}

/** @returns false when the source was stopped before its task was known */
export async function setSourceTask (db: Connection, id: string, taskId: string): Promise<boolean> {
  const row = await db.updateTable('sources').set({ taskId }).where('id', '=', id).returning('stoppedMs').executeTakeFirst()
  return row?.stoppedMs === null
}

export async function markSourceStopped (db: Connection, id: string, nowMs: number): Promise<void> {
  await db.updateTable('sources').set({ stoppedMs: nowMs }).where('id', '=', id).execute()
}

/** Notes the status that relay callback 401 told of a robot, perhaps before its task's id was known; the newest wins. */
export async function setRelayStatus (db: Connection, robotId: string, status: string, atMs: number): Promise<void> {
  await db.updateTable('sources').set({ relayStatus: status, relayStatusMs: atMs })
    .where('robotId', '=', robotId).where('stoppedMs', 'is', null).where('relayStatusMs', '<', atMs).execute()
}

/** Sources nobody has stopped yet. */
export async function openSources (db: Connection, recordingId: string): Promise<SourceRow[]> {
  return db.selectFrom('sources').selectAll().where('recordingId', '=', recordingId).where('stoppedMs', 'is', null).orderBy('createdMs').execute()
}

/** Every source of a recording, oldest first. */
export async function sourcesOf (db: Connection, recordingId: string): Promise<SourceRow[]> {
  return db.selectFrom('sources').selectAll().where('recordingId', '=', recordingId).orderBy('createdMs').orderBy('id').execute()
}
