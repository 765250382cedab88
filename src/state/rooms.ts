import { sql, type Insertable, type Selectable } from 'kysely'
import type { Connection } from './database.ts'
import type { Tables } from './tables.ts'

/** A room of an app, by `roomKey`. */
export interface RoomRef { sdkAppId: number, roomKey: string }

/** One aspect of a member as an event told it. */
interface Told { value: boolean, atMs: number }

/** What one event says of one member; aspects it does not speak of are absent. */
export interface MemberChange {
  userId: string
  present?: Told
  anchor?: Told
  audible?: Told
  /** When the member was an anchor for sure; the greatest counts. */
  anchoredMs?: number
  /** When the member was removed from the room; the greatest counts. */
  kickedMs?: number
}

export type MemberRow = Selectable<Tables['members']>

/** @returns false when the same event was noted before */
export async function insertRoomEvent (db: Connection, event: Insertable<Tables['roomEvents']>): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db.insertInto('roomEvents').values(event)
    .onConflict((conflict) => conflict.column('dedupeKey').doNothing()).executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}

/**
 * Applies what an event said, aspect by aspect: the newest event time wins, and of two at the same millisecond the one that keeps
 * a speaker, whatever the order they arrive in.
 */
export async function mergeMember (db: Connection, room: RoomRef, change: MemberChange): Promise<void> {
  await db.insertInto('members').values({
    ...room,
    userId: change.userId,
    present: change.present?.value ?? null,
    presentMs: change.present?.atMs ?? 0,
    anchor: change.anchor?.value ?? null,
    anchorMs: change.anchor?.atMs ?? 0,
    audible: change.audible?.value ?? null,
    audibleMs: change.audible?.atMs ?? 0,
    anchoredMs: change.anchoredMs ?? 0,
    kickedMs: change.kickedMs ?? 0
  }).onConflict((conflict) => conflict.columns(['sdkAppId', 'roomKey', 'userId']).doUpdateSet({
    present: newest('present'),
    presentMs: sql`greatest(members.present_ms, excluded.present_ms)`,
    anchor: newest('anchor'),
    anchorMs: sql`greatest(members.anchor_ms, excluded.anchor_ms)`,
    audible: newest('audible'),
    audibleMs: sql`greatest(members.audible_ms, excluded.audible_ms)`,
    anchoredMs: sql`greatest(members.anchored_ms, excluded.anchored_ms)`,
    kickedMs: sql`greatest(members.kicked_ms, excluded.kicked_ms)`
  })).execute()
}

function newest (aspect: 'present' | 'anchor' | 'audible') {
  const at = sql.raw(`${aspect}_ms`)
  const value = sql.raw(aspect)
  return sql<boolean | null>`case
    when excluded.${at} > members.${at} then excluded.${value}
    when excluded.${at} < members.${at} then members.${value}
    else coalesce(excluded.${value} or members.${value}, excluded.${value}, members.${value}) end`
}

/** @param dismissedMs event time of a dismissal, 0 for any other event */
export async function mergeRoom (db: Connection, room: RoomRef, dismissedMs: number, nowMs: number): Promise<void> {
  await db.insertInto('rooms').values({ ...room, dismissedMs, updatedMs: nowMs })
    .onConflict((conflict) => conflict.columns(['sdkAppId', 'roomKey']).doUpdateSet({
      dismissedMs: sql`greatest(rooms.dismissed_ms, excluded.dismissed_ms)`,
      updatedMs: nowMs
    })).execute()
}

export async function isKnownRoom (db: Connection, { sdkAppId, roomKey }: RoomRef): Promise<boolean> {
  const row = await db.selectFrom('rooms').select('roomKey').where('sdkAppId', '=', sdkAppId).where('roomKey', '=', roomKey).executeTakeFirst()
  return row !== undefined
}

export interface RoomRows { dismissedMs: number, members: MemberRow[] }

export async function loadRoom (db: Connection, { sdkAppId, roomKey }: RoomRef): Promise<RoomRows> {
  const room = await db.selectFrom('rooms').select('dismissedMs').where('sdkAppId', '=', sdkAppId).where('roomKey', '=', roomKey).executeTakeFirst()
  const members = await db.selectFrom('members').selectAll().where('sdkAppId', '=', sdkAppId).where('roomKey', '=', roomKey).execute()
  return { dismissedMs: room?.dismissedMs ?? 0, members }
}

/** Users who have been anchors in a room at that moment or since. */
export async function anchorsSince (db: Connection, { sdkAppId, roomKey }: RoomRef, sinceMs: number): Promise<string[]> {
  const rows = await db.selectFrom('members').select('userId').where('sdkAppId', '=', sdkAppId).where('roomKey', '=', roomKey)
    .where((eb) => eb.or([eb('anchor', '=', true), eb('anchoredMs', '>=', sinceMs)])).execute()
  return rows.map(({ userId }) => userId)
}

/** Longest time from an event to its arrival, and largest difference of clocks. */
const longestDelayMs = 600_000
const roomGroup = 1
const mediaGroup = 2
const roomDismissed = 102

/**
 * Bodies of a room's events about these users, and about the room as such, between two moments; also of earlier ones since the room was last
 * dismissed, because they tell who was there already. In no order.
 * @param toMs null: up to now
 */
export async function roomEventBodies (db: Connection, room: RoomRef, { userIds, fromMs, toMs }: {
  userIds: readonly string[], fromMs: number, toMs: number | null
}): Promise<string[]> {
  const events = db.selectFrom('roomEvents').where('sdkAppId', '=', room.sdkAppId).where('roomKey', '=', room.roomKey)
  const { lastMs } = await events.select((eb) => eb.fn.max<number | null>('receivedMs').as('lastMs')).where('userId', 'is', null)
    .where('eventGroup', '=', roomGroup).where('eventType', '=', roomDismissed).where('receivedMs', '<', fromMs - longestDelayMs)
    .executeTakeFirstOrThrow()
  let told = events.select('body').where('eventGroup', 'in', [roomGroup, mediaGroup]).where('receivedMs', '>=', (lastMs ?? 0) - longestDelayMs)
    .where((eb) => eb.or([eb('userId', 'is', null), ...userIds.length > 0 ? [eb('userId', 'in', userIds)] : []]))
  if (toMs !== null) told = told.where('receivedMs', '<=', toMs + longestDelayMs)
  return (await told.execute()).map(({ body }) => body)
}

/** Forgets events received, and rooms last heard of, before that moment. */
export async function deleteRoomsBefore (db: Connection, beforeMs: number): Promise<void> {
  await db.deleteFrom('roomEvents').where('receivedMs', '<', beforeMs).execute()
  await db.deleteFrom('members').where((eb) => eb.exists(
    eb.selectFrom('rooms').select('rooms.roomKey')
      .whereRef('rooms.sdkAppId', '=', 'members.sdkAppId').whereRef('rooms.roomKey', '=', 'members.roomKey')
      .where('rooms.updatedMs', '<', beforeMs)
  )).execute()
  await db.deleteFrom('rooms').where('updatedMs', '<', beforeMs).execute()
}
