import { sql, type RawBuilder, type Selectable } from 'kysely'
import type { Connection } from './database.ts'
import type { Tables } from './tables.ts'
import type { SourceTrouble } from './troubles.ts'

/**
 * What audio of a recording comes from, one after another over time: of a user, or of its whole room when `userId` is null. Noted before anybody
 * is asked for it, so that there is none that nobody knows. What is its engine's own stands in a row of that engine (`state/relay-tasks.ts`).
 */
type SourceRow = Selectable<Tables['sources']>

type RelayTask = Selectable<Tables['relayTasks']>

/** A source with what plan, presence and timeline need of its relay task; null without one. */
export type SourceWithTask = SourceRow & { [Column in 'robotId' | 'taskId' | 'port' | 'sealedKey' | 'toldMs' | 'failedMs' | 'idleMs' | 'stopAskedMs' | 'outcome']: RelayTask[Column] | null } & {
  relayStatus: string | null
  /** Event time of that status; 0 or null when none was told. */
  relayStatusMs: number | null
}

type NewSource = Pick<SourceRow, 'id' | 'recordingId' | 'engine' | 'userId' | 'generation' | 'createdMs'>

export async function insertSource (db: Connection, source: NewSource): Promise<void> {
  await db.insertInto('sources').values(source).execute()
}

/** Notes that a push of the source is here. */
export async function notePush (db: Connection, id: string, atMs: number): Promise<void> {
  await db.updateTable('sources').set({ pushedMs: sql<number>`coalesce(pushed_ms, ${atMs}::bigint)`, pushEndedMs: null }).where('id', '=', id).execute()
}

/** Notes that a push of the source brings audio. @param atMs arrival of its first frame */
export async function noteAudio (db: Connection, id: string, atMs: number): Promise<void> {
  await db.updateTable('sources').set({
    pushedMs: sql<number>`coalesce(pushed_ms, ${atMs}::bigint)`, firstAudioMs: sql<number>`coalesce(first_audio_ms, ${atMs}::bigint)`, pushEndedMs: null
  }).where('id', '=', id).execute()
}

/** @param lastFrameMs arrival of the last frame of the push that ended; null when it brought none */
export async function notePushEnded (db: Connection, id: string, { atMs, lastFrameMs }: { atMs: number, lastFrameMs: number | null }): Promise<void> {
  await db.updateTable('sources').set({ pushEndedMs: atMs, ...lastFrameMs !== null && { lastFrameMs } }).where('id', '=', id).execute()
}

/** Notes what is the matter with a source; the last thing said stays. */
export async function noteSourceTrouble (db: Connection, id: string, trouble: SourceTrouble, message: string): Promise<void> {
  await db.updateTable('sources').set({ trouble, troubleMessage: message }).where('id', '=', id).execute()
}

/** Notes that a source was announced and that no push has come. */
export async function noteAbsent (db: Connection, id: string, nowMs: number, message: string): Promise<void> {
  await db.updateTable('sources').set({
    absentMs: sql<number>`coalesce(absent_ms, ${nowMs}::bigint)`,
    trouble: sql<SourceTrouble>`coalesce(trouble, ${'SourceAbsent' satisfies SourceTrouble}::text)`,
    troubleMessage: sql<string>`case when trouble is null then ${message}::text else trouble_message end`
  }).where('id', '=', id).execute()
}

/** Asks for every source of a recording, or of several by `any(…)`, as `SourceWithTask`, oldest first. */
export function sourcesOf (db: Connection, recordingId: string | RawBuilder<string>) {
  return db.selectFrom('sources').leftJoin('relayTasks', 'relayTasks.sourceId', 'sources.id')
    .selectAll('sources')
    .select(['robotId', 'taskId', 'port', 'sealedKey', 'toldMs', 'failedMs', 'idleMs', 'stopAskedMs', 'outcome', 'relayTasks.status as relayStatus', 'relayTasks.statusMs as relayStatusMs'])
    .where('sources.recordingId', '=', recordingId).orderBy('sources.createdMs').orderBy('sources.id')
}
