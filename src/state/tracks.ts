import { sql, type Expression, type RawBuilder, type Selectable } from 'kysely'
import { snakeCaseColumns } from './column-names.ts'
import type { Connection } from './database.ts'
import type { Tables } from './tables.ts'
import type { TrackTrouble } from './troubles.ts'

export type TrackRow = Selectable<Tables['tracks']>
export type FileRow = Selectable<Tables['files']>
/** A file with what its track says of it. */
export type StoredFile = FileRow & Pick<TrackRow, 'userId' | 'label' | 'number'>

/** Numbers the user's tracks in this recording from 1: a restart or a lost thread begins another one. */
export async function insertTrack (db: Connection, track: Pick<TrackRow, 'id' | 'recordingId' | 'userId' | 'generation' | 'label' | 'createdMs' | 'spoolId'>): Promise<TrackRow> {
  return db.insertInto('tracks').values((eb) => ({
    ...track,
    number: eb.selectFrom('tracks').select((count) => eb(count.fn.countAll<number>(), '+', count.lit(1)).as('next'))
      .where('recordingId', '=', track.recordingId).where('userId', '=', track.userId)
  }))
    // The row is there already when the answer to the first try was lost.
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ label: track.label }))
    .returningAll().executeTakeFirstOrThrow()
}

/** Asks for a track. */
export function trackById (db: Connection, id: string) {
  return db.selectFrom('tracks').selectAll().where('id', '=', id)
}

/** Asks for every track of a recording, or of several by `any(…)`, oldest first. */
export function tracksOf (db: Connection, recordingId: string | RawBuilder<string>) {
  return db.selectFrom('tracks').selectAll().where('recordingId', '=', recordingId).orderBy('createdMs').orderBy('id')
}

/** Asks for every noted file of a recording, as `StoredFile`, in the order of the room's time. */
export function filesOf (db: Connection, recordingId: string) {
  return db.selectFrom('files').innerJoin('tracks', 'tracks.id', 'files.trackId')
    .selectAll('files').select(['tracks.userId', 'tracks.label', 'tracks.number'])
    .where('tracks.recordingId', '=', recordingId)
    .orderBy('files.startMs').orderBy('tracks.number').orderBy('files.part')
}

/** The object keys of a recording's files that are noted. */
export async function fileKeysOf (db: Connection, recordingId: string): Promise<string[]> {
  const rows = await db.selectFrom('files').innerJoin('tracks', 'tracks.id', 'files.trackId').select('files.key')
    .where('tracks.recordingId', '=', recordingId).execute()
  return rows.map(({ key }) => key)
}

/** Asks for the noted files of a track. */
export function notedFiles (db: Connection, trackId: string) {
  return db.selectFrom('files').selectAll().where('trackId', '=', trackId).orderBy('part')
}

/** Notes what is in the way of a track at present; null: nothing. */
export async function noteTrackTrouble (db: Connection, trackId: string, trouble: TrackTrouble | null, message: string): Promise<void> {
  await db.updateTable('tracks').set({ trouble, troubleMessage: message }).where('id', '=', trackId).execute()
}

/** Asks for one row if who asks may note something, and has it stay so. */
export type Held = Expression<unknown> & { executeTakeFirst: () => Promise<object | undefined> }

/** What a track was before it was closed. */
export type BeforeClose = Pick<TrackRow, 'closedMs' | 'lostMs' | 'audioMs'>

/**
 * Notes the uploaded files of a track, and that nothing of it is left to do: in one statement, since many tracks may end at once. Safe to repeat.
 * @param lost the track had received audio that is not there; a spool that comes back may still bring it
 * @param audioMs the room's time of its first audio, for one of which none was noted
 * @returns what it was before; undefined when `held` says that we may not
 */
export async function closeTrack (db: Connection, trackId: string, { files, message, lost = false, audioMs = null, nowMs, held }: {
  files: FileRow[], message: string, lost?: boolean, audioMs?: number | null, nowMs: number, held: Held
}): Promise<BeforeClose | undefined> {
  const json = JSON.stringify(files.map(snakeCaseColumns))
  const columns = Object.keys(files[0] ?? {}).map((column) => sql`${sql.ref(column)} = ${sql.ref(`excluded.${column}`)}`)
  const stored = files.length === 0
    ? sql``
    : sql`, stored as (
    insert into files select file.* from held, jsonb_populate_recordset(null::files, ${json}::jsonb) as file
    on conflict (track_id, part) do update set ${sql.join(columns)}
  )`
  const { rows } = await sql<BeforeClose>`with held as (${held})${stored},
    before as (select id, closed_ms, lost_ms, audio_ms from tracks where id = ${trackId} for update)
    update tracks set closed_ms = ${nowMs}::bigint, message = ${message}, lost_ms = ${lost ? nowMs : null}::bigint,
      audio_ms = coalesce(before.audio_ms, ${audioMs}::bigint)
    from held, before where tracks.id = before.id returning before.closed_ms, before.lost_ms, before.audio_ms`.execute(db)
  return rows[0]
}

/** The files of these tracks that a store has confirmed. */
export async function uploadedFiles (db: Connection, trackIds: string[]): Promise<Array<{ recordingId: string, trackId: string, fileNumbers: number[] }>> {
  const rows = await db.selectFrom('files').innerJoin('tracks', 'tracks.id', 'files.trackId')
    .select(['tracks.recordingId', 'files.trackId', 'files.part'])
    // One parameter: PostgreSQL takes 65 535, and a spool may hold more files after days without a bucket
    .where(sql<boolean>`files.track_id = any(${trackIds}::text[])`).execute()
  return rows.map(({ recordingId, trackId, part }) => ({ recordingId, trackId, fileNumbers: [part] }))
}
