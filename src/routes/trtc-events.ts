import type { FastifyError, FastifyInstance } from 'fastify'
import { RoomtapeError } from '../core/errors.ts'
import type { EventIntake } from '../session/event-intake.ts'
import type { GatewayLease } from '../session/gateway-lease.ts'
import { HeldRequests } from './held-requests.ts'

export interface TrtcEventsOptions {
  intake: Pick<EventIntake, 'take'>
  lease: Pick<GatewayLease, 'held'>
}

/**
 * TRTC's event callbacks: taken, then answered; sessions act on the room's state afterwards. Whether TRTC sends an event again that was answered
 * otherwise than by 200 it does not say: one that could be taken later, or by another gateway, gets no answer.
 */
export async function trtcEventRoutes (app: FastifyInstance, { intake, lease }: TrtcEventsOptions): Promise<void> {
  const held = new HeldRequests()
  app.addHook('preClose', async () => { held.closeAll() })

  app.addHook('onRequest', async (request, reply) => {
    // Sent again it may reach the gateway that works.
    if (lease.held) return
    reply.hijack()
    request.raw.destroy()
  })

  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const status = error instanceof RoomtapeError ? error.status : error.statusCode ?? 500
    if (status < 500) throw error
    request.log.debug({ err: error }, 'event left unanswered')
    held.hold(reply)
  })

  app.post('/events', { schema: { summary: "TRTC's event callbacks", security: [] } }, async ({ roomtapeSdkAppId: sdkAppId, body }) => {
    await intake.take(sdkAppId, body)
    return { code: 0 }
  })
}
