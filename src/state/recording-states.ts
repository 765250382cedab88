import { sql, type RawBuilder } from 'kysely'
import type { Connection } from './database.ts'
import type { PauseRow } from './pauses.ts'
import type { RecordingRow } from './recordings.ts'
import type { MemberRow, RoomRows } from './rooms.ts'
import { sourcesOf, type SourceWithTask } from './sources.ts'
import { together } from './together.ts'
import { tracksOf, type TrackRow } from './tracks.ts'

/** What the database says of a recording that is not finished, by the clocks by which each row is dated. */
export interface RecordingState {
  recording: RecordingRow
  room: RoomRows
  /** Oldest first. */
  tracks: TrackRow[]
  /** Oldest first. */
  sources: SourceWithTask[]
  /** Those that have not ended, or not before the moment that was asked for. */
  pauses: PauseRow[]
}

export interface StateRef extends Pick<RecordingRow, 'id' | 'sdkAppId' | 'roomKey'> {
  /** Pauses that ended before are left out; by the recording's clock. */
  pausesSinceMs: number
}

/**
 * Reads several recordings in one statement, as of one moment; recordings of one room share what is read of it. Of a room's members it reads who is on
 * stage, the recorders and who has a track, however many there are in the audience.
 * @returns by id; those that are finished, or gone, are left out
 */
export async function recordingStates (db: Connection, refs: readonly StateRef[]): Promise<Map<string, RecordingState>> {
  const ids = refs.map(({ id }) => id)
  const rooms = [...new Map(refs.map((ref) => [keyOf(ref), ref])).values()]
  const anyId = sql<string>`any(${ids}::text[])`
  const inRooms = inThese(rooms)
  const rows = await together(db, {
    recordings: db.selectFrom('recordings').selectAll().where('id', '=', anyId).where('completedMs', 'is', null).$narrowType<Pick<RecordingRow, 'status' | 'reason'>>(),
    rooms: db.selectFrom('rooms').select(['sdkAppId', 'roomKey', 'dismissedMs', 'lastAnchoredMs']).where(inRooms),
    onStage: db.selectFrom('members').selectAll().where(inRooms).where(sql<boolean>`((present and anchor) or audible)`),
    named: db.selectFrom('members').selectAll().where(sql<boolean>`(sdk_app_id, room_key, user_id) in (
      select sdk_app_id, room_key, user_id from recordings where id = ${anyId}
      union select sdk_app_id, room_key, tracks.user_id from recordings join tracks on tracks.recording_id = recordings.id where recordings.id = ${anyId})`),
    tracks: tracksOf(db, anyId),
    sources: sourcesOf(db, anyId),
    pauses: db.selectFrom('pauses').selectAll().where('recordingId', '=', anyId)
      .where((eb) => eb.or([eb('endMs', 'is', null), eb('endMs', '>', Math.min(...refs.map(({ pausesSinceMs }) => pausesSinceMs)))]))
  })
  const members = Map.groupBy([...rows.onStage, ...rows.named], keyOf)
  const roomOf = new Map(rows.rooms.map((room) => [keyOf(room), room]))
  const [tracks, sources, pauses] = [byRecording(rows.tracks), byRecording(rows.sources), byRecording(rows.pauses)]
  const sinceMs = new Map(refs.map(({ id, pausesSinceMs }) => [id, pausesSinceMs]))
  return new Map(rows.recordings.map((recording) => {
    const { id } = recording
    const { dismissedMs = 0, lastAnchoredMs = 0 } = roomOf.get(keyOf(recording)) ?? {}
    return [id, {
      recording,
      room: { dismissedMs, lastAnchoredMs, members: once(members.get(keyOf(recording)) ?? []) },
      tracks: tracks.get(id) ?? [],
      sources: sources.get(id) ?? [],
      pauses: (pauses.get(id) ?? []).filter(({ endMs }) => endMs === null || endMs > (sinceMs.get(id) ?? 0))
    }]
  }))
}

function keyOf ({ sdkAppId, roomKey }: Pick<StateRef, 'sdkAppId' | 'roomKey'>): string { return `${sdkAppId} ${roomKey}` }

function byRecording<Row extends { recordingId: string }> (rows: readonly Row[]): Map<string, Row[]> {
  return Map.groupBy(rows, ({ recordingId }) => recordingId)
}

function inThese (rooms: readonly StateRef[]): RawBuilder<boolean> {
  return sql<boolean>`(sdk_app_id, room_key) in (
    select * from unnest(${rooms.map(({ sdkAppId }) => sdkAppId)}::bigint[], ${rooms.map(({ roomKey }) => roomKey)}::text[]))`
}

/** Somebody may be on stage and named. */
function once (members: readonly MemberRow[]): MemberRow[] {
  return [...new Map(members.map((member) => [member.userId, member])).values()]
}
