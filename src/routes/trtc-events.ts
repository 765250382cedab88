import type { FastifyInstance } from 'fastify'
import type { Clock } from '../core/clock.ts'
import { memberChange } from '../rooms/members.ts'
import type { Sessions } from '../session/sessions.ts'
import type { Connection } from '../state/database.ts'
import { insertRoomEvent, isKnownRoom, mergeMember, mergeRoom, type RoomRef } from '../state/rooms.ts'
import { setRelayStatus } from '../state/sources.ts'
import { dedupeKey, parseRoomEvent, type RoomEvent } from '../trtc/room-event.ts'
import { roomKey } from '../trtc/room-id.ts'

export interface TrtcEventsOptions {
  kysely: Connection
  clock: Clock
  sessions: Pick<Sessions, 'roomChanged'>
}

/** TRTC's event callbacks: stored once and applied to the room's state in one transaction, then answered. What is to be done follows. */
export async function trtcEventRoutes (app: FastifyInstance, { kysely, clock, sessions }: TrtcEventsOptions): Promise<void> {
  app.post('/events', { schema: { summary: "TRTC's event callbacks", security: [] } }, async ({ sdkAppId, body, log }) => {
    const event = parseRoomEvent(body)
    const room = await roomOf(event, sdkAppId, kysely)
    const isNew = await kysely.transaction().execute(async (transaction) => {
      const stored = await insertRoomEvent(transaction, {
        dedupeKey: dedupeKey(sdkAppId, event),
        sdkAppId,
        roomKey: room?.roomKey ?? null,
        userId: 'userId' in event ? event.userId : null,
        eventGroup: event.group,
        eventType: event.type,
        receivedMs: clock.now(),
        body: JSON.stringify(withoutSecrets(event, body))
      })
      if (!stored || room === undefined) return stored
      if (event.kind === 'relayStatus') {
        await setRelayStatus(transaction, event.userId, event.status, event.eventMs)
        return true
      }
      const change = memberChange(event)
      if (change !== undefined) await mergeMember(transaction, room, change)
      await mergeRoom(transaction, room, event.kind === 'roomDismissed' ? event.eventMs : 0, clock.now())
      return true
    })
    log.debug({ sdkAppId, roomKey: room?.roomKey, eventType: event.type, isNew }, 'room event')
    // Stored is stored: sessions look for themselves, if a little later.
    if (isNew && room !== undefined) await sessions.roomChanged(room).catch((err: unknown) => { log.warn({ err }, 'sessions not woken') })
    return { code: 0 }
  })
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
