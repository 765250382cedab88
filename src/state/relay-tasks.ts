import { sql, type Selectable } from 'kysely'
import type { Connection } from './database.ts'
import type { Tables } from './tables.ts'
import type { TaskOutcome } from './troubles.ts'

/**
 * What is relay's own of a source: the robot and the task by which TRTC pushes it, the key and port it is pushed to, and what a Stop of the task
 * needs. The row outlives its source and recording, so that a Stop that is still due is not lost with them.
 */
export type RelayTaskRow = Selectable<Tables['relayTasks']>

/** A TaskId can be stopped for so long: TRTC docs, StopPublishCdnStream. */
const taskIdValidMs = 30 * 86_400_000

/** The life of a push, in the order in which TRTC tells of it: of two statuses at one millisecond the later one counts. */
const lifeOfPush = ['connecting', 'running', 'recovering', 'disconnecting', 'failed', 'idle']

type NewTask = Pick<RelayTaskRow, 'sourceId' | 'sdkAppId' | 'robotId' | 'host' | 'sealedKey' | 'port' | 'createdMs'>

export async function insertRelayTask (db: Connection, task: NewTask): Promise<void> {
  await db.insertInto('relayTasks').values(task).execute()
}

export async function findRelayTask (db: Connection, sourceId: string): Promise<RelayTaskRow | undefined> {
  return db.selectFrom('relayTasks').selectAll().where('sourceId', '=', sourceId).executeTakeFirst()
}

/** Notes the TaskId by which TRTC answered. @returns whether a Stop of it is due: the source was given up before */
export async function setTaskId (db: Connection, sourceId: string, taskId: string): Promise<boolean> {
  const row = await db.updateTable('relayTasks').set({ taskId }).where('sourceId', '=', sourceId).returning(['stopAskedMs', 'stoppedMs']).executeTakeFirst()
  return row !== undefined && isStopDue({ ...row, taskId })
}

/**
 * Notes that nobody uses a source any more, and that its task has to end, now or as soon as its TaskId is known. One that has ended by itself is
 * done with.
 * @param nowMs by the recording's clock, by which sources are dated
 * @param taskNowMs by the gateway's, by which tasks are
 */
export async function letSourceGo (db: Connection, sourceId: string, { nowMs, taskNowMs }: { nowMs: number, taskNowMs: number }): Promise<void> {
  const unused = db.updateTable('sources').set({ stoppedMs: nowMs }).where('id', '=', sourceId).where('stoppedMs', 'is', null)
  await db.with('unused', () => unused.returning('id')).updateTable('relayTasks').set({
    stopAskedMs: sql<number>`coalesce(stop_asked_ms, ${taskNowMs}::bigint)`,
    stopDueMs: sql<number>`coalesce(stop_due_ms, ${taskNowMs}::bigint)`,
    stoppedMs: sql<number | null>`case when status = 'idle' then ${taskNowMs}::bigint end`,
    outcome: sql<TaskOutcome | null>`case when status = 'idle' then 'idle' end`
  }).where('sourceId', '=', sourceId).where('stoppedMs', 'is', null).execute()
}

/** Notes how a task has ended: nothing is due any more. */
export async function endTask (db: Connection, sourceId: string, outcome: TaskOutcome, nowMs: number): Promise<void> {
  await db.updateTable('relayTasks').set({ stoppedMs: nowMs, outcome }).where('sourceId', '=', sourceId).where('stoppedMs', 'is', null).execute()
}

/** Puts off a Stop that came to nothing. */
export async function delayStop (db: Connection, sourceId: string, dueMs: number): Promise<void> {
  await db.updateTable('relayTasks').set((eb) => ({ stopDueMs: dueMs, stopFailures: eb('stopFailures', '+', 1) })).where('sourceId', '=', sourceId).execute()
}

/** A Stop that is due. `isDismissed`: its task is in a room that was dismissed, which most likely has ended it. */
export interface DueStop extends Pick<RelayTaskRow, 'sourceId' | 'sdkAppId' | 'host' | 'createdMs' | 'stopFailures'> {
  taskId: string
  recordingId: string | null
  isDismissed: boolean
}

/** The Stops that are due by then, the longest first. */
export async function dueStops (db: Connection, nowMs: number, limit: number): Promise<DueStop[]> {
  return waiting(db).leftJoin('sources', 'sources.id', 'relayTasks.sourceId').leftJoin('recordings', 'recordings.id', 'sources.recordingId')
    .select(['relayTasks.sourceId', 'relayTasks.sdkAppId', 'relayTasks.host', 'relayTasks.createdMs', 'relayTasks.stopFailures', 'sources.recordingId'])
    .select([sql<string>`relay_tasks.task_id`.as('taskId'), sql<boolean>`coalesce(recordings.reason = 'RoomDismissed', false)`.as('isDismissed')])
    .where('relayTasks.taskId', 'is not', null).where('relayTasks.stopDueMs', '<=', nowMs).orderBy('relayTasks.stopDueMs').limit(limit).execute()
}

/** When the next Stop of a known TaskId is due, Unix milliseconds; undefined: none is. */
export async function nextStopMs (db: Connection): Promise<number | undefined> {
  const row = await waiting(db).select((eb) => eb.fn.min<number | null>('relayTasks.stopDueMs').as('atMs')).where('taskId', 'is not', null).executeTakeFirst()
  return row?.atMs ?? undefined
}

/** How many tasks have to end and are not known to have, those of an unknown TaskId too. */
export async function countStops (db: Connection): Promise<number> {
  const { count } = await waiting(db).select((eb) => eb.fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
  return count
}

/** Gives up the Stops of tasks whose TaskId is too old. @returns those of a known TaskId */
export async function expireStops (db: Connection, nowMs: number): Promise<Array<Pick<RelayTaskRow, 'sourceId' | 'taskId' | 'sdkAppId'>>> {
  const expired = await db.updateTable('relayTasks').set({ stoppedMs: nowMs, outcome: 'expired' satisfies TaskOutcome })
    .where('stopAskedMs', 'is not', null).where('stoppedMs', 'is', null).where('createdMs', '<', nowMs - taskIdValidMs)
    .returning(['sourceId', 'taskId', 'sdkAppId']).execute()
  return expired.filter(({ taskId }) => taskId !== null)
}

/** What callback 401 told of an app's robot. */
export interface RelayNews extends Pick<RelayTaskRow, 'sdkAppId' | 'robotId'> {
  taskId: string | undefined
  status: string
  eventMs: number
  /** When it arrived. */
  heardMs: number
}

/**
 * Notes what callback 401 told, in whatever order and perhaps before the Start was answered: of statuses the newest counts, what else they say adds up.
 * @returns whose task it is, if anybody's who is still known, and whether a Stop has become possible by it; undefined: there is no such task
 */
export async function noteRelayStatus (
  db: Connection, { sdkAppId, robotId, taskId, status, eventMs, heardMs }: RelayNews
): Promise<{ recordingId: string | null, isStopDue: boolean } | undefined> {
  const place = (text: string) => sql`array_position(${sql.val(lifeOfPush)}::text[], ${sql.raw(text)})`
  const isNewest = sql<boolean>`(${eventMs}::bigint > status_ms or (${eventMs}::bigint = status_ms and coalesce(array_position(${sql.val(lifeOfPush)}::text[], ${status}::text) >= ${place('status')}, true)))`
  const endsIt = sql<boolean>`(${isNewest} and ${status === 'idle'}::boolean and stop_asked_ms is not null and stopped_ms is null)`
  const told = status === 'running' || status === 'failed' ? sql`true` : status === 'connecting' ? sql`connectings > 0` : sql`false`
  const row = await db.updateTable('relayTasks').set({
    taskId: sql<string | null>`coalesce(task_id, ${taskId ?? null}::text)`,
    status: sql<string>`case when ${isNewest} then ${status}::text else status end`,
    statusMs: sql<number>`greatest(status_ms, ${eventMs}::bigint)`,
    connectings: sql<number>`connectings + ${status === 'connecting' ? 1 : 0}::int`,
    toldMs: sql<number | null>`coalesce(told_ms, case when ${told} then ${heardMs}::bigint end)`,
    // A failure that is told after the end it led to still counts.
    failedMs: sql<number | null>`coalesce(failed_ms, case when ${status === 'failed'}::boolean and (stop_asked_ms is null or idle_ms is not null) then ${heardMs}::bigint end)`,
    idleMs: sql<number | null>`case when stop_asked_ms is not null or not ${isNewest} then idle_ms when ${status === 'idle'}::boolean then coalesce(idle_ms, ${heardMs}::bigint) end`,
    stoppedMs: sql<number | null>`case when ${endsIt} then ${heardMs}::bigint else stopped_ms end`,
    outcome: sql<TaskOutcome | null>`case when ${endsIt} then 'idle' else outcome end`
  }).where('sdkAppId', '=', sdkAppId).where('robotId', '=', robotId)
    .returning(['taskId', 'stopAskedMs', 'stoppedMs'])
    .returning((eb) => eb.selectFrom('sources').select('recordingId').whereRef('sources.id', '=', 'relayTasks.sourceId').as('recordingId'))
    .executeTakeFirst()
  return row && { recordingId: row.recordingId, isStopDue: isStopDue(row) }
}

/** Deletes the tasks of deleted recordings that have ended. */
export async function deleteOrphanedTasks (db: Connection): Promise<void> {
  await db.deleteFrom('relayTasks')
    .where((eb) => eb.not(eb.exists(eb.selectFrom('sources').select('sources.id').whereRef('sources.id', '=', 'relayTasks.sourceId'))))
    .where('stoppedMs', 'is not', null)
    .execute()
}

function waiting (db: Connection) {
  return db.selectFrom('relayTasks').where('stopAskedMs', 'is not', null).where('relayTasks.stoppedMs', 'is', null)
}

function isStopDue ({ taskId, stopAskedMs, stoppedMs }: Pick<RelayTaskRow, 'taskId' | 'stopAskedMs' | 'stoppedMs'>): boolean {
  return taskId !== null && stopAskedMs !== null && stoppedMs === null
}
