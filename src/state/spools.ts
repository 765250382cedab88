import { sql, type Selectable } from 'kysely'
import type { Connection } from './database.ts'
import type { RecordingRow } from './recordings.ts'
import type { Tables } from './tables.ts'
import type { TrackRow } from './tracks.ts'

export type SpoolRow = Selectable<Tables['spools']>

/** Notes that a gateway works on a spool; one that had been forgotten is known again. */
export async function putSpool (db: Connection, spool: Pick<SpoolRow, 'id' | 'nodeId' | 'host' | 'path'>, nowMs: number): Promise<void> {
  const seen = { nodeId: spool.nodeId, host: spool.host, path: spool.path, seenMs: nowMs, forgottenMs: null }
  await db.insertInto('spools').values({ id: spool.id, createdMs: nowMs, ...seen })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(seen)).execute()
}

export async function touchSpool (db: Connection, id: string, nowMs: number): Promise<void> {
  await db.updateTable('spools').set({ seenMs: nowMs }).where('id', '=', id).execute()
}

/** @returns false when there is no such spool */
export async function forgetSpool (db: Connection, id: string, nowMs: number): Promise<boolean> {
  const { numUpdatedRows } = await db.updateTable('spools').set({ forgottenMs: nowMs }).where('id', '=', id).executeTakeFirst()
  return numUpdatedRows === 1n
}

export interface SpoolUse extends SpoolRow {
  /** Tracks of it that are not closed. */
  openTracks: number
}

/** Every spool, and how many tracks wait for it, oldest first. */
export async function listSpools (db: Connection): Promise<SpoolUse[]> {
  return db.selectFrom('spools').selectAll('spools')
    .select((eb) => eb.selectFrom('tracks').select(({ fn }) => fn.countAll<number>().as('count'))
      .whereRef('tracks.spoolId', '=', 'spools.id').where('tracks.closedMs', 'is', null).as('openTracks'))
    .orderBy('createdMs').orderBy('id')
    .execute() as Promise<SpoolUse[]>
}

/** Of these spools, those that nobody waits for any more: forgotten, or not worked on since that moment. */
export async function lostSpools (db: Connection, ids: readonly string[], seenBeforeMs: number): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const rows = await db.selectFrom('spools').select('id').where('id', 'in', ids)
    .where((eb) => eb.or([eb('forgottenMs', 'is not', null), eb('seenMs', '<', seenBeforeMs)])).execute()
  return new Set(rows.map(({ id }) => id))
}

/** How a node's spool is called before its own id is known: that of tracks which version 0.1.0 left on another node. */
function placeholderOf (nodeId: string): string { return `node:${nodeId}` }

/**
 * Gives tracks that carry no spool yet to one, as version 0.1.0 left them: those whose files lie in it, and those of this node, here or left by a
 * gateway that only knew their node. Tracks of other nodes are marked as theirs, so that nobody else closes them.
 * @param spooled the tracks that have files in the spool
 */
export async function claimTracks (db: Connection, { spoolId, nodeId, spooled }: { spoolId: string, nodeId: string, spooled: string[] }): Promise<void> {
  const open = db.updateTable('tracks').where('closedMs', 'is', null)
  await open.set({ spoolId }).where('spoolId', 'is', null).where(sql<boolean>`tracks.id = any(${spooled}::text[])`).execute()
  await open.set({ spoolId }).where('spoolId', '=', placeholderOf(nodeId)).execute()
  await db.updateTable('tracks').from('recordings').whereRef('recordings.id', '=', 'tracks.recordingId')
    .where('tracks.closedMs', 'is', null).where('tracks.spoolId', 'is', null)
    .set({ spoolId: sql`case when recordings.node_id is null or recordings.node_id = ${nodeId} then ${spoolId} else 'node:' || recordings.node_id end` })
    .execute()
  await sql`insert into spools (id, node_id, host, path, created_ms, seen_ms)
    select distinct t.spool_id, substr(t.spool_id, 6), '', '', max(r.created_ms), max(r.created_ms)
    from tracks t join recordings r on r.id = t.recording_id where t.closed_ms is null and t.spool_id like 'node:%' group by t.spool_id
    on conflict (id) do nothing`.execute(db)
}

/** A track whose first audio was noted, and its recording. */
export type BegunTrack = { track: Pick<TrackRow, 'id' | 'userId' | 'number' | 'label'>, audioMs: number } & { recording: Pick<RecordingRow, 'id' | 'tenantId' | 'sdkAppId' | 'userId' | 'options'> }

/**
 * Notes the first audio of tracks that is on the disk; what was noted before stays.
 * @param firstMs by track: the room's time, Unix milliseconds
 * @returns those of which none had been noted
 */
export async function noteFirstAudio (db: Connection, firstMs: ReadonlyMap<string, number>): Promise<BegunTrack[]> {
  const first = sql<{ id: string, ms: number }>`unnest(${[...firstMs.keys()]}::text[], ${[...firstMs.values()]}::bigint[])`
  const rows = await db.with('begun', (begin) => begin.updateTable('tracks').from(first.as<'first'>(sql`first (id, ms)`))
    .set((eb) => ({ audioMs: eb.ref('first.ms') })).whereRef('tracks.id', '=', 'first.id').where('tracks.audioMs', 'is', null)
    .returning(['tracks.id', 'tracks.userId', 'tracks.number', 'tracks.label', 'tracks.recordingId', 'first.ms as audioMs']))
    .selectFrom('begun').innerJoin('recordings', 'recordings.id', 'begun.recordingId')
    .select(['begun.id', 'begun.userId', 'number', 'label', 'audioMs', 'recordingId', 'tenantId', 'sdkAppId', 'recordings.userId as recorderId', 'options'])
    .execute()
  return rows.map(({ id, userId, number, label, audioMs, recordingId, tenantId, sdkAppId, recorderId, options }) =>
    ({ track: { id, userId, number, label }, audioMs, recording: { id: recordingId, tenantId, sdkAppId, userId: recorderId, options } }))
}
