import type { Clock } from '../core/clock.ts'
import type { Connection } from '../state/database.ts'
import { noteRelayStatus } from '../state/relay-tasks.ts'
import { insertRoomEvent, isKnownRoom, mergeMember, mergeRoom, type MemberChange, type RoomRef } from '../state/rooms.ts'
import { dedupeKey, parseRoomEvent, type RoomEvent } from '../trtc/room-event.ts'
import { roomKey } from '../trtc/room-id.ts'
import { memberChange } from './members.ts'

/** An event callback of TRTC as it is taken, without secrets. */
export interface HeardEvent {
  sdkAppId: number
  dedupeKey: string
  event: RoomEvent
  /** What is stored of its body. */
  body: unknown
  /** When it came, by the gateway's clock. */
  heardMs: number
}

export interface TakenEvent {
  /** TRTC's EventType. */
  type: number
  /** Undefined for an event of no room. */
  room: RoomRef | undefined
  /** Whether it had not come before. */
  isNew: boolean
  /** Whom it may concern. */
  concerns: Concerned
  /** Whether a relay task can be stopped now that has to end: its TaskId has become known. */
  isStopDue: boolean
}

/**
 * Whom an event may concern: every recording of its room; the one that has this recorder, of an event about the audience, where only recorders matter;
 * the one whose robot a relay's event is about; or none.
 */
export type Concerned = { who: 'room' } | { who: 'recorder', userId: string } | { who: 'recording', recordingId: string } | { who: 'nobody' }

export const relayGroup = 4

/**
 * Reads an event callback that comes now.
 * @param body the JSON of the request, its signature checked
 * @param clock the gateway's
 * @throws RoomtapeError VALIDATION naming the field
 */
export function hearEvent (sdkAppId: number, body: unknown, clock: Clock): HeardEvent {
  const event = parseRoomEvent(body)
  return { sdkAppId, dedupeKey: dedupeKey(sdkAppId, event), event: withoutUrl(event), body: withoutSecrets(event, body), heardMs: clock.now() }
}

/** Takes one event: notes it once and applies it to the room's state, in one transaction. */
export async function takeEvent ({ sdkAppId, event, heardMs, ...heard }: HeardEvent, kysely: Connection): Promise<TakenEvent> {
  const room = await roomOf(event, sdkAppId, kysely)
  let isStopDue = false
  let concerns: Concerned = { who: 'nobody' }
  const isNew = await kysely.transaction().execute(async (transaction) => {
    const isNew = await insertRoomEvent(transaction, {
      dedupeKey: heard.dedupeKey,
      sdkAppId,
      roomKey: room?.roomKey ?? null,
      userId: 'userId' in event ? event.userId : null,
      eventGroup: event.group,
      eventType: event.type,
      receivedMs: heardMs,
      body: JSON.stringify(heard.body)
    })
    if (!isNew || room === undefined) return isNew
    if (event.kind === 'relayStatus') {
      const { userId: robotId, taskId, status, eventMs } = event
      const task = await noteRelayStatus(transaction, { sdkAppId, robotId, taskId, status, eventMs, heardMs })
      isStopDue = task?.isStopDue === true
      if (task?.recordingId != null) concerns = { who: 'recording', recordingId: task.recordingId }
      return true
    }
    const change = memberChange(event)
    const isAnchor = change !== undefined && 'eventMs' in event && await mergeMember(transaction, room, change, { eventMs: event.eventMs, heardMs })
    concerns = concernedBy(event, change, isAnchor)
    await mergeRoom(transaction, room, { dismissedMs: event.kind === 'roomDismissed' ? event.eventMs : 0, lastAnchoredMs: change?.anchoredMs ?? 0 }, heardMs)
    return true
  })
  return { type: event.type, room, isNew, isStopDue, concerns }
}

/** @param isAnchor whether the member is one, this event counted */
function concernedBy (event: RoomEvent, change: MemberChange | undefined, isAnchor: boolean): Concerned {
  if (event.kind === 'roomDismissed') return { who: 'room' }
  if (change === undefined) return { who: 'nobody' }
  const isOfAudience = (event.kind === 'userEntered' || event.kind === 'userLeft') && event.role === 'audience' && !isAnchor
  return isOfAudience ? { who: 'recorder', userId: change.userId } : { who: 'room' }
}

/**
 * TRTC has been seen to quote the number of a room it dismisses, and a quoted number is another room: that of a room nobody has
 * heard of is taken for the numeric room.
 */
async function roomOf (event: RoomEvent, sdkAppId: number, kysely: Connection): Promise<RoomRef | undefined> {
  if (!('roomId' in event)) return undefined
  const room = { sdkAppId, roomKey: roomKey(event.roomId) }
  if (event.kind !== 'roomDismissed' || typeof event.roomId !== 'string' || !/^[1-9]\d{0,9}$/.test(event.roomId)) return room
  const numeric = { sdkAppId, roomKey: roomKey(Number(event.roomId)) }
  return !await isKnownRoom(kysely, room) && await isKnownRoom(kysely, numeric) ? numeric : room
}

/** The destination of a relay holds its stream key. */
function withoutUrl (event: RoomEvent): RoomEvent {
  return event.kind === 'relayStatus' ? { ...event, url: undefined } : event
}

function withoutSecrets (event: RoomEvent, body: unknown): unknown {
  if (event.kind === 'relayStatus') return withoutUrl(event)
  return event.group === relayGroup ? { group: event.group, type: event.type } : body
}
