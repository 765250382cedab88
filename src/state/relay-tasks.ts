import type { Selectable } from 'kysely'
import type { Connection } from './database.ts'
import type { Tables } from './tables.ts'

/**
 * What is relay's own of a source: the robot and the task by which TRTC pushes it, and what a Stop of the task needs. The row outlives its
 * source and recording, so that a Stop that is still due is not lost with them.
 */
export type RelayTaskRow = Selectable<Tables['relayTasks']>

/** A TaskId can be stopped for so long: TRTC docs, StopPublishCdnStream. */
const taskIdValidMs = 30 * 86_400_000

export async function insertRelayTask (db: Connection, task: Pick<RelayTaskRow, 'sourceId' | 'sdkAppId' | 'robotId' | 'host' | 'createdMs'>): Promise<void> {
  await db.insertInto('relayTasks').values(task).execute()
}

export async function findRelayTask (db: Connection, sourceId: string): Promise<RelayTaskRow | undefined> {
  return db.selectFrom('relayTasks').selectAll().where('sourceId', '=', sourceId).executeTakeFirst()
}

/** Notes the TaskId by which TRTC answered. @returns false when the source was given up before: now a Stop is due */
export async function setTaskId (db: Connection, sourceId: string, taskId: string): Promise<boolean> {
  const task = db.updateTable('relayTasks').where('sourceId', '=', sourceId)
  const { numUpdatedRows } = await task.set({ taskId }).where('stoppedMs', 'is', null).executeTakeFirst()
  if (numUpdatedRows === 1n) return true
  await task.set({ taskId, stoppedMs: null }).execute()
  return false
}

/** Notes that no Stop is due any more. @returns false when its TaskId has become known since `task` was read, so that one is */
export async function markTaskStopped (db: Connection, { sourceId, taskId }: Pick<RelayTaskRow, 'sourceId' | 'taskId'>, nowMs: number): Promise<boolean> {
  const { numUpdatedRows } = await db.updateTable('relayTasks').set({ stoppedMs: nowMs })
    .where('sourceId', '=', sourceId).where('taskId', 'is not distinct from', taskId).executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Notes the status that relay callback 401 told of an app's robot, perhaps before its TaskId was known; the newest wins. */
export async function setRelayStatus (db: Connection, { sdkAppId, robotId }: Pick<RelayTaskRow, 'sdkAppId' | 'robotId'>, status: string, atMs: number): Promise<void> {
  await db.updateTable('relayTasks').set({ status, statusMs: atMs })
    .where('sdkAppId', '=', sdkAppId).where('robotId', '=', robotId).where('stoppedMs', 'is', null).where('statusMs', '<', atMs).execute()
}

/** Deletes the tasks of deleted recordings to which no Stop is due, or would be of use. */
export async function deleteOrphanedTasks (db: Connection, nowMs: number): Promise<void> {
  await db.deleteFrom('relayTasks')
    .where((eb) => eb.not(eb.exists(eb.selectFrom('sources').select('sources.id').whereRef('sources.id', '=', 'relayTasks.sourceId'))))
    .where((eb) => eb.or([eb('stoppedMs', 'is not', null), eb('createdMs', '<', nowMs - taskIdValidMs)]))
    .execute()
}
