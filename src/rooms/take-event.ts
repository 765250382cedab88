import { bootId } from '../core/boot-id.ts'
import { monotonicMs, type Clock } from '../core/clock.ts'
import type { Connection } from '../state/database.ts'
import { noteRelayStatus } from '../state/relay-tasks.ts'
import { insertRoomEvent, isKnownRoom, mergeMember, mergeRoom, type RoomRef } from '../state/rooms.ts'
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
  /** When it came, Unix milliseconds. */
  heardMs: number
  /** The same by `monotonicMs()`, and the boot that this is of. */
  monotonicMs: number
  bootId: string
}

export interface TakenEvent {
  /** TRTC's EventType. */
  type: number
  /** When TRTC sent it, by its clock. */
  sentMs: number | undefined
  /** Undefined for an event of no room. */
  room: RoomRef | undefined
  /** Whether it had not come before. */
  isNew: boolean
  /** Whether a relay task can be stopped now that has to end: its TaskId has become known. */
  isStopDue: boolean
}

export const relayGroup = 4
const thisBoot = bootId()

/**
 * Reads an event callback that comes now.
 * @param body the JSON of the request, its signature checked
 * @throws RoomtapeError VALIDATION naming the field
 */
export function hearEvent (sdkAppId: number, body: unknown, clock: Clock): HeardEvent {
  const event = parseRoomEvent(body)
  const heard = { heardMs: clock.now(), monotonicMs: monotonicMs(), bootId: thisBoot }
  return { sdkAppId, dedupeKey: dedupeKey(sdkAppId, event), event: withoutUrl(event), body: withoutSecrets(event, body), ...heard }
}

/** Takes one event: notes it once and applies it to the room's state, in one transaction. */
export async function takeEvent ({ sdkAppId, event, heardMs, ...heard }: HeardEvent, kysely: Connection): Promise<TakenEvent> {
  const room = await roomOf(event, sdkAppId, kysely)
  let isStopDue = false
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
      isStopDue = await noteRelayStatus(transaction, { sdkAppId, robotId, taskId, status, eventMs, heardMs })
      return true
    }
    const change = memberChange(event)
    if (change !== undefined && 'eventMs' in event) await mergeMember(transaction, room, change, { eventMs: event.eventMs, heardMs })
    await mergeRoom(transaction, room, event.kind === 'roomDismissed' ? event.eventMs : 0, heardMs)
    return true
  })
  return { type: event.type, sentMs: event.sentMs, room, isNew, isStopDue }
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
