import type { Selectable } from 'kysely'
import type { Connection } from './database.ts'
import type { Tables } from './tables.ts'

export type SegmentRow = Selectable<Tables['segments']>

/** Notes a segment that a store has confirmed. @returns false when it had been noted already */
export async function insertSegment (db: Connection, segment: SegmentRow): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db.insertInto('segments').values(segment)
    .onConflict((conflict) => conflict.columns(['trackId', 'seq']).doNothing()).executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}

/** Which segments of a track are noted, in order. */
export async function notedSeqs (db: Connection, trackId: string): Promise<number[]> {
  const rows = await db.selectFrom('segments').select('seq').where('trackId', '=', trackId).orderBy('seq').execute()
  return rows.map(({ seq }) => seq)
}

/** Asks for every segment of a recording, user by user, in order. */
export function segmentsOf (db: Connection, recordingId: string) {
  return db.selectFrom('segments').innerJoin('tracks', 'tracks.id', 'segments.trackId')
    .selectAll('segments').select(['tracks.userId', 'tracks.number'])
    .where('tracks.recordingId', '=', recordingId)
    .orderBy('tracks.userId').orderBy('tracks.number').orderBy('segments.seq')
}

/** How many segments each track of a recording has, and the last of them. */
export async function countSegments (db: Connection, recordingId: string): Promise<Map<string, { count: number, lastSeq: number }>> {
  const rows = await db.selectFrom('segments').innerJoin('tracks', 'tracks.id', 'segments.trackId')
    .select(({ fn }) => ['segments.trackId', fn.countAll<number>().as('count'), fn.max('segments.seq').as('lastSeq')])
    .where('tracks.recordingId', '=', recordingId).groupBy('segments.trackId').execute()
  return new Map(rows.map(({ trackId, count, lastSeq }) => [trackId, { count, lastSeq }]))
}
