import type { FastifyInstance } from 'fastify'
import type { GatewayClock } from '../core/clock.ts'
import type { EventClock } from '../rooms/event-clock.ts'
import { takeEvent } from '../rooms/take-event.ts'
import type { RelayStops } from '../engines/relay/main/relay-stops.ts'
import type { GatewayLease } from '../session/gateway-lease.ts'
import type { Sessions } from '../session/sessions.ts'
import type { Connection } from '../state/database.ts'

export interface TrtcEventsOptions {
  kysely: Connection
  gatewayClock: GatewayClock
  eventClock: Pick<EventClock, 'note'>
  sessions: Pick<Sessions, 'roomChanged'>
  stops: Pick<RelayStops, 'wake'>
  lease: Pick<GatewayLease, 'confirmed'>
}

/** TRTC's event callbacks: noted and applied, then answered; sessions act on the room's state afterwards. */
export async function trtcEventRoutes (app: FastifyInstance, { kysely, gatewayClock, eventClock, sessions, stops, lease }: TrtcEventsOptions): Promise<void> {
  // TRTC sends an event again that got no answer, and by then it may reach the gateway that works.
  app.addHook('onRequest', async (request, reply) => {
    if (lease.confirmed) return
    reply.hijack()
    request.raw.destroy()
  })

  app.post('/events', { schema: { summary: "TRTC's event callbacks", security: [] } }, async ({ roomtapeSdkAppId: sdkAppId, body, log }) => {
    const { type, room, sentMs, isNew, isStopDue } = await takeEvent(sdkAppId, body, { kysely, gatewayClock })
    if (sentMs !== undefined) eventClock.note(sentMs)
    log.debug({ sdkAppId, roomKey: room?.roomKey, eventType: type, isNew }, 'room event')
    if (isStopDue) stops.wake()
    // The event is noted: a session that was not woken finds it at its next look.
    if (isNew && room !== undefined) await sessions.roomChanged(room).catch((err: unknown) => { log.warn({ err }, 'sessions not woken') })
    return { code: 0 }
  })
}
