import type { Clock } from '../core/clock.ts'
import type { Connection } from '../state/database.ts'
import { setRelayStatus } from '../state/relay-tasks.ts'
import { insertRoomEvent, isKnownRoom, mergeMember, mergeRoom, type RoomRef } from '../state/rooms.ts'
import { dedupeKey, parseRoomEvent, type RoomEvent } from '../trtc/room-event.ts'
import { roomKey } from '../trtc/room-id.ts'
import { memberChange } from './members.ts'

export interface TakenEvent {
  /** TRTC's EventType. */
  type: number
  /** Undefined for an event of no room. */
  room: RoomRef | undefined
  /** Whether it had not come before. */
  isNew: boolean
}

/**
 * Takes one event callback of TRTC: notes it once and applies it to the room's state, in one transaction.
 * @param body the JSON of the request, its signature checked
 * @throws RoomtapeError VALIDATION naming the field
 */
export async function takeEvent (sdkAppId: number, body: unknown, { kysely, clock }: { kysely: Connection, clock: Clock }): Promise<TakenEvent> {
  const event = parseRoomEvent(body)
  const room = await roomOf(event, sdkAppId, kysely)
  const isNew = await kysely.transaction().execute(async (transaction) => {
    const isNew = await insertRoomEvent(transaction, {
      dedupeKey: dedupeKey(sdkAppId, event),
      sdkAppId,
      roomKey: room?.roomKey ?? null,
      userId: 'userId' in event ? event.userId : null,
      eventGroup: event.group,
      eventType: event.type,
      receivedMs: clock.now(),
      body: JSON.stringify(withoutSecrets(event, body))
    })
    if (!isNew || room === undefined) return isNew
    if (event.kind === 'relayStatus') {
      await setRelayStatus(transaction, { sdkAppId, robotId: event.userId }, event.status, event.eventMs)
      return true
    }
    const change = memberChange(event)
    if (change !== undefined) await mergeMember(transaction, room, change)
    await mergeRoom(transaction, room, event.kind === 'roomDismissed' ? event.eventMs : 0, clock.now())
    return true
  })
  return { type: event.type, room, isNew }
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

const relayGroup = 4

/** The destination of a relay holds its stream key. */
function withoutSecrets (event: RoomEvent, body: unknown): unknown {
  if (event.kind === 'relayStatus') return { ...event, url: undefined }
  return event.group === relayGroup ? { group: event.group, type: event.type } : body
}
