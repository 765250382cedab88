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
 * a speaker, whatever the order they arrive in. A newer event than all before ends any doubt whether the member is there.
 * @param at the event's own time, and its arrival
 * @returns whether the member is an anchor, as far as events have told
 */
export async function mergeMember (db: Connection, room: RoomRef, change: MemberChange, at: { eventMs: number, heardMs: number }): Promise<boolean> {
  const { anchor } = await db.insertInto('members').values({
    ...room,
    userId: change.userId,
    present: change.present?.value ?? null,
    presentMs: change.present?.atMs ?? 0,
    anchor: change.anchor?.value ?? null,
    anchorMs: change.anchor?.atMs ?? 0,
    audible: change.audible?.value ?? null,
    audibleMs: change.audible?.atMs ?? 0,
    anchoredMs: change.anchoredMs ?? 0,
    kickedMs: change.kickedMs ?? 0,
    lastEventMs: at.eventMs,
    heardMs: at.heardMs
  }).onConflict((conflict) => conflict.columns(['sdkAppId', 'roomKey', 'userId']).doUpdateSet({
    present: newest('present'),
    presentMs: sql`greatest(members.present_ms, excluded.present_ms)`,
    anchor: newest('anchor'),
    anchorMs: sql`greatest(members.anchor_ms, excluded.anchor_ms)`,
    audible: newest('audible'),
    audibleMs: sql`greatest(members.audible_ms, excluded.audible_ms)`,
    anchoredMs: sql`greatest(members.anchored_ms, excluded.anchored_ms)`,
    kickedMs: sql`greatest(members.kicked_ms, excluded.kicked_ms)`,
    lastEventMs: sql`greatest(members.last_event_ms, excluded.last_event_ms)`,
    heardMs: sql`case when excluded.last_event_ms > members.last_event_ms then excluded.heard_ms else members.heard_ms end`,
    unconfirmedMs: sql`case when excluded.last_event_ms > members.last_event_ms then null else members.unconfirmed_ms end`
  })).returning('anchor').executeTakeFirstOrThrow()
  return anchor === true
}

/** Notes that a member may be gone though no event said so, unless one has come since `lastEventMs` was read. */
export async function doubtMember (db: Connection, { sdkAppId, roomKey }: RoomRef, { userId, lastEventMs }: Pick<MemberRow, 'userId' | 'lastEventMs'>, nowMs: number): Promise<void> {
  await db.updateTable('members').set({ unconfirmedMs: nowMs })
    .where('sdkAppId', '=', sdkAppId).where('roomKey', '=', roomKey).where('userId', '=', userId)
    .where('lastEventMs', '=', lastEventMs).where('unconfirmedMs', 'is', null).execute()
}

/** How many members of all rooms are in doubt. */
export async function countUnconfirmed (db: Connection): Promise<number> {
  const { count } = await db.selectFrom('members').innerJoin('rooms', (join) => join.onRef('rooms.sdkAppId', '=', 'members.sdkAppId').onRef('rooms.roomKey', '=', 'members.roomKey'))
    .select((eb) => eb.fn.countAll<number>().as('count')).where('unconfirmedMs', 'is not', null).whereRef('members.lastEventMs', '>', 'rooms.dismissedMs')
    .executeTakeFirstOrThrow()
  return count
}

function newest (aspect: 'present' | 'anchor' | 'audible') {
  const at = sql.raw(`${aspect}_ms`)
  const value = sql.raw(aspect)
  return sql<boolean | null>`case
    when excluded.${at} > members.${at} then excluded.${value}
    when excluded.${at} < members.${at} then members.${value}
    else coalesce(excluded.${value} or members.${value}, excluded.${value}, members.${value}) end`
}

/** What an event says of its room: when it was dismissed, and when an anchor was there for sure; 0: nothing. */
export type RoomChange = Pick<RoomRows, 'dismissedMs' | 'lastAnchoredMs'>

export async function mergeRoom (db: Connection, room: RoomRef, change: RoomChange, nowMs: number): Promise<void> {
  await db.insertInto('rooms').values({ ...room, ...change, updatedMs: nowMs })
    .onConflict((conflict) => conflict.columns(['sdkAppId', 'roomKey']).doUpdateSet({
      dismissedMs: sql`greatest(rooms.dismissed_ms, excluded.dismissed_ms)`,
      lastAnchoredMs: sql`greatest(rooms.last_anchored_ms, excluded.last_anchored_ms)`,
      updatedMs: nowMs
    })).execute()
}

/** Has whoever else locks this room wait until the transaction ends. It need not be known. */
export async function lockRoom (transaction: Connection, { sdkAppId, roomKey }: RoomRef): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${sdkAppId} ${roomKey}`}, 0))`.execute(transaction)
}

export async function isKnownRoom (db: Connection, { sdkAppId, roomKey }: RoomRef): Promise<boolean> {
  const row = await db.selectFrom('rooms').select('roomKey').where('sdkAppId', '=', sdkAppId).where('roomKey', '=', roomKey).executeTakeFirst()
  return row !== undefined
}

export interface RoomRows {
  dismissedMs: number
  /** When an anchor was there for sure, by the latest event that tells of one; 0: none has. */
  lastAnchoredMs: number
  members: MemberRow[]
}

/** Asks for the users who have been anchors in a room at that moment or since. */
function anchorsSince (db: Connection, { sdkAppId, roomKey }: RoomRef, sinceMs: number) {
  return db.selectFrom('members').select('userId').where('sdkAppId', '=', sdkAppId).where('roomKey', '=', roomKey)
    .where((eb) => eb.or([eb('anchor', '=', true), eb('anchoredMs', '>=', sinceMs)]))
}

/** Asks for the members of a room who may be gone though no event said so. */
export function doubtedMembers (db: Connection, { sdkAppId, roomKey }: RoomRef) {
  return db.selectFrom('members').select(['userId', 'heardMs']).where('sdkAppId', '=', sdkAppId).where('roomKey', '=', roomKey)
    .where('unconfirmedMs', 'is not', null)
}

/** Longest time from an event to its arrival, and largest difference of clocks. */
const longestDelayMs = 600_000
const roomGroup = 1
const mediaGroup = 2
const roomDismissed = 102
const newestEvents = 100

/** Between two moments of the gateway's clock; `toMs` null: up to now. */
interface Stretch { fromMs: number, toMs: number | null }

/**
 * Asks for the bodies of a room's events about whoever has a track or has been an anchor, and about the room as such, during a recording; also of
 * earlier ones since the room was last dismissed, because they tell who was there already. In no order.
 */
export function roomEventBodies (db: Connection, room: RoomRef & { id: string }, { fromMs, toMs }: Stretch) {
  const tracked = db.selectFrom('tracks').select('userId').where('recordingId', '=', room.id)
  const told = eventsOf(db, room).select(['body', 'receivedMs']).where('receivedMs', '>=', sinceDismissal(db, room, fromMs))
    .where((eb) => eb.or([eb('userId', 'is', null), eb('userId', 'in', tracked), eb('userId', 'in', anchorsSince(db, room, fromMs))]))
  return toMs === null ? told : told.where('receivedMs', '<=', toMs + longestDelayMs)
}

/** Asks for the robots that the events of a room showed as users. @param prefix of their ids */
export function robotsIn (db: Connection, room: RoomRef, { fromMs, toMs, prefix }: Stretch & { prefix: string }) {
  const events = until(eventsOf(db, room), toMs).where('receivedMs', '>=', fromMs)
  return events.select('userId').distinct().where('userId', 'like', `${prefix}%`)
}

/** Asks for the bodies of the newest events of a room since its last dismissal before `fromMs`, or shortly before that; a few are enough to tell of it. */
export function newestEventBodies (db: Connection, room: RoomRef, { fromMs, toMs }: Stretch) {
  return until(eventsOf(db, room), toMs).select(['body', 'receivedMs']).where('receivedMs', '>=', sinceDismissal(db, room, fromMs))
    .orderBy('receivedMs', 'desc').limit(newestEvents)
}

/** The newest events of all rooms that came since that moment, oldest first. */
export async function latestEvents (db: Connection, sinceMs: number, limit: number): Promise<Array<{ body: string, receivedMs: number }>> {
  const newestFirst = await db.selectFrom('roomEvents').select(['body', 'receivedMs']).where('receivedMs', '>=', sinceMs)
    .where('eventGroup', 'in', [roomGroup, mediaGroup]).orderBy('receivedMs', 'desc').limit(limit).execute()
  return newestFirst.reverse()
}

function eventsOf (db: Connection, { sdkAppId, roomKey }: RoomRef) {
  return db.selectFrom('roomEvents').where('sdkAppId', '=', sdkAppId).where('roomKey', '=', roomKey).where('eventGroup', 'in', [roomGroup, mediaGroup])
}

/** Those that had come by then. */
function until (events: ReturnType<typeof eventsOf>, toMs: number | null): typeof events {
  return toMs === null ? events : events.where('receivedMs', '<=', toMs)
}

/** When the last dismissal of a room before a recording came, less the longest delay of an event; long ago if none did. */
function sinceDismissal (db: Connection, room: RoomRef, fromMs: number) {
  const last = eventsOf(db, room).select((eb) => eb.fn.max<number | null>('receivedMs').as('lastMs')).where('userId', 'is', null)
    .where('eventType', '=', roomDismissed).where('receivedMs', '<', fromMs - longestDelayMs)
  return sql<number>`coalesce((${last}), 0) - ${longestDelayMs}::bigint`
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
