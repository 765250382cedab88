import type { Selectable } from 'kysely'
import type { Connection } from './database.ts'
import type { Tables } from './tables.ts'

export const recordingStatuses = ['Pending', 'Recording', 'Finishing', 'Completed', 'Failed'] as const
type RecordingStatus = typeof recordingStatuses[number]

/** Why a recording ended. */
export type EndReason = 'RoomDismissed' | 'IdleTimeout' | 'RecorderRemoved' | 'StopRequested' | 'MaxDurationReached'

export type RecordingRow = Omit<Selectable<Tables['recordings']>, 'status' | 'reason'> & { status: RecordingStatus, reason: EndReason | null }

export type NewRecording = Pick<RecordingRow, 'id' | 'tenantId' | 'sdkAppId' | 'roomKey' | 'userId' | 'jobId' | 'options' | 'sealedSecrets' | 'createdMs' | 'clockOffsetMs' | 'clockBootId' | 'clockAheadMs'>

/**
 * Writes a new recording, unless the same recorder is already recording in that room.
 * @returns the row, and whether it is the new one
 */
export async function insertRecording (db: Connection, recording: NewRecording): Promise<{ row: RecordingRow, created: boolean }> {
  const inserted = await db.insertInto('recordings')
    .values({ ...recording, options: JSON.stringify(recording.options), status: 'Pending' satisfies RecordingStatus })
    .onConflict((conflict) => conflict.columns(['sdkAppId', 'roomKey', 'userId']).where('endedMs', 'is', null).doNothing())
    .returningAll()
    .executeTakeFirst()
  if (inserted !== undefined) return { row: toRow(inserted), created: true }

  const running = await findRunning(db, recording)
  // It ended between the two statements: then ours can be written after all.
  return running === undefined ? insertRecording(db, recording) : { row: running, created: false }
}

/** The recording this recorder is making in this room, of which there is one at most; one that has ended and only uploads no longer counts. */
export async function findRunning (db: Connection, { sdkAppId, roomKey, userId }: Pick<RecordingRow, 'sdkAppId' | 'roomKey' | 'userId'>): Promise<RecordingRow | undefined> {
  const row = await db.selectFrom('recordings').selectAll()
    .where('sdkAppId', '=', sdkAppId).where('roomKey', '=', roomKey).where('userId', '=', userId).where('endedMs', 'is', null)
    .executeTakeFirst()
  return row && toRow(row)
}

/** How many recordings of a room have not ended. */
export async function countRunning (db: Connection, { sdkAppId, roomKey }: Pick<RecordingRow, 'sdkAppId' | 'roomKey'>): Promise<number> {
  const { count } = await db.selectFrom('recordings').select((eb) => eb.fn.countAll<number>().as('count'))
    .where('sdkAppId', '=', sdkAppId).where('roomKey', '=', roomKey).where('endedMs', 'is', null).executeTakeFirstOrThrow()
  return count
}

export async function findRecording (db: Connection, id: string): Promise<RecordingRow | undefined> {
  const row = await db.selectFrom('recordings').selectAll().where('id', '=', id).executeTakeFirst()
  return row && toRow(row)
}

export interface RecordingFilter {
  tenantId: string
  limit: number
  /** Id after which the page starts; newest first. */
  before?: string | undefined
  status?: RecordingStatus | undefined
  sdkAppId?: number | undefined
}

export async function listRecordings (db: Connection, filter: RecordingFilter): Promise<RecordingRow[]> {
  let query = db.selectFrom('recordings').selectAll().where('tenantId', '=', filter.tenantId)
  if (filter.before !== undefined) query = query.where('id', '<', filter.before)
  if (filter.status !== undefined) query = query.where('status', '=', filter.status)
  if (filter.sdkAppId !== undefined) query = query.where('sdkAppId', '=', filter.sdkAppId)
  const rows = await query.orderBy('id', 'desc').limit(filter.limit).execute()
  return rows.map(toRow)
}

/**
 * Makes this node the owner and raises the generation, the fencing token that makes later writes of the former owner harmless.
 * @returns undefined when the recording is finished or gone
 */
export async function takeOver (db: Connection, id: string, nodeId: string): Promise<RecordingRow | undefined> {
  const row = await db.updateTable('recordings')
    .set((eb) => ({ nodeId, generation: eb('generation', '+', 1) }))
    .where('id', '=', id).where('completedMs', 'is', null)
    .returningAll().executeTakeFirst()
  return row && toRow(row)
}

/** Jobs of all recordings that are not finished. */
export async function unfinishedJobs (db: Connection): Promise<string[]> {
  const rows = await db.selectFrom('recordings').select('jobId').where('completedMs', 'is', null).execute()
  return rows.map((row) => row.jobId)
}

/**
 * Asks whether a recording is still owned under `generation`: one row if it is. It stays so until the transaction, or the statement that this is a
 * part of, ends: whoever takes it over waits.
 */
export function heldRecording (db: Connection, { id, generation }: Pick<RecordingRow, 'id' | 'generation'>) {
  return db.selectFrom('recordings').select('id').where('id', '=', id).where('generation', '=', generation).where('completedMs', 'is', null).forShare()
}

/** Gives a recording its clock, of which `clockSteps` tells how the wall clock was set against it. @returns whether it is still owned under `generation` */
export async function setClock (
  db: Connection, { id, generation }: Pick<RecordingRow, 'id' | 'generation'>, { clockSteps, ...clock }: Partial<Pick<RecordingRow, `clock${string}` & keyof RecordingRow>>
): Promise<boolean> {
  const { numUpdatedRows } = await db.updateTable('recordings').set({ ...clock, ...clockSteps !== undefined && { clockSteps: JSON.stringify(clockSteps) } })
    .where('id', '=', id).where('generation', '=', generation).where('completedMs', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Notes which warnings have been told of. @returns whether it is still owned under `generation` */
export async function noteWarned (db: Connection, { id, generation }: Pick<RecordingRow, 'id' | 'generation'>, warned: readonly string[]): Promise<boolean> {
  const { numUpdatedRows } = await db.updateTable('recordings').set({ warned: JSON.stringify(warned) })
    .where('id', '=', id).where('generation', '=', generation).where('completedMs', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

type Change = Partial<Pick<RecordingRow, 'status' | 'reason' | 'message' | 'startedMs' | 'endedMs' | 'completedMs' | 'timelineFile'>>

/** Changes a recording that is still owned under `generation`. @returns whether it was. */
export async function changeRecording (db: Connection, id: string, generation: number, change: Change): Promise<boolean> {
  const { numUpdatedRows } = await db.updateTable('recordings').set(change)
    .where('id', '=', id).where('generation', '=', generation).where('completedMs', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Notes the wish to stop; the first one counts. @returns the recording, if the tenant has it. */
export async function requestStop (db: Connection, tenantId: string, id: string, nowMs: number): Promise<RecordingRow | undefined> {
  const row = await db.updateTable('recordings')
    .set((eb) => ({ stopRequestedMs: eb.fn.coalesce('stopRequestedMs', eb.val(nowMs)) }))
    .where('id', '=', id).where('tenantId', '=', tenantId)
    .returningAll().executeTakeFirst()
  return row && toRow(row)
}

/** Deletes some recordings that were complete before a moment. @returns how many */
export async function deleteRecordingsBefore (db: Connection, completedBeforeMs: number, most: number): Promise<number> {
  const old = db.selectFrom('recordings').select('id').where('completedMs', '<', completedBeforeMs).limit(most)
  const { numDeletedRows } = await db.deleteFrom('recordings').where('id', 'in', old).executeTakeFirst()
  return Number(numDeletedRows)
}

/** The room's id as TRTC's API takes it. */
export function roomIdOf ({ options: { roomId, strRoomId = '' } }: Pick<RecordingRow, 'options'>): number | string {
  return roomId ?? strRoomId
}

// The columns are text in SQL; only this file writes them, from the closed unions above.
function toRow (row: Selectable<Tables['recordings']>): RecordingRow {
  return row as RecordingRow
}
