import { Type, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import type { Sender } from '../callback/sender.ts'
import { RoomtapeError } from '../core/errors.ts'
import type { Connection } from '../state/database.ts'
import { deliveryStates } from '../state/deliveries.ts'
import { attemptsOf, findDelivery, listDeliveries, type ToldDelivery } from '../state/delivery-log.ts'
import { replayDelivery } from '../state/replays.ts'
import { Id, Moment, pageFields, pageOf, rowsOf } from './fields.ts'
import { DeliveryDetail, deliveryDetail, DeliveryList, DeliveryView, deliveryView } from './views/delivery.ts'
import { readZeroValuesAsAbsent } from './zero-values.ts'

export interface DeliveryRoutesOptions {
  kysely: Connection
  sender: Pick<Sender, 'wake'>
}

const ByDelivery = Type.Object({ DeliveryId: Id })

/** A tenant's deliveries: what was sent where, what came of it, and once more. */
export async function deliveryRoutes (scope: FastifyInstance, { kysely, sender }: DeliveryRoutesOptions): Promise<void> {
  const app = scope.withTypeProvider<TypeBoxTypeProvider>()
  readZeroValuesAsAbsent(scope)

  app.get('/deliveries', {
    config: { roomtapeScope: 'endpoints:read' },
    schema: {
      summary: 'List deliveries, newest first',
      querystring: Type.Object({
        ...pageFields,
        Endpoint: Type.Optional(Id),
        State: Type.Optional(Type.Enum([...deliveryStates])),
        Type: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_.]{1,64}$' })),
        RecordingId: Type.Optional(Id),
        SinceMs: Type.Optional(Moment),
        UntilMs: Type.Optional(Moment)
      }, { additionalProperties: false }),
      response: { 200: DeliveryList }
    }
  }, async ({ query, roomtapeTenant: { id: tenantId } }) => {
    const rows = await listDeliveries(kysely, {
      tenantId,
      limit: rowsOf(query),
      before: query.Cursor,
      endpointId: query.Endpoint,
      state: query.State,
      type: query.Type,
      recordingId: query.RecordingId,
      sinceMs: query.SinceMs,
      untilMs: query.UntilMs
    })
    const { page, NextCursor } = pageOf(rows, query)
    return { Deliveries: page.map(deliveryView), NextCursor }
  })

  app.get('/deliveries/:DeliveryId', {
    config: { roomtapeScope: 'endpoints:read' },
    schema: { summary: 'One delivery with its attempts', params: ByDelivery, response: { 200: DeliveryDetail } }
  }, async ({ params: { DeliveryId: id }, roomtapeTenant: { id: tenantId } }) => {
    return deliveryDetail(found(await findDelivery(kysely, { tenantId, id }), id), await attemptsOf(kysely, id))
  })

  app.post('/deliveries/:DeliveryId/replay', {
    config: { roomtapeScope: 'deliveries:replay' },
    schema: { summary: 'Make one more attempt at a delivery now; its schedule goes on from where it was', params: ByDelivery, response: { 202: DeliveryView } }
  }, async ({ params: { DeliveryId: id }, roomtapeTenant: { id: tenantId } }, reply) => {
    const { state } = found(await findDelivery(kysely, { tenantId, id }), id)
    const replayed = await replayDelivery(kysely, { tenantId, id })
    if (replayed === undefined) {
      throw new RoomtapeError('CONFLICT', state === 'waiting' ? `delivery ${id} waits already` : `the endpoint of delivery ${id} is not enabled, or was deleted`)
    }
    if (!replayed.pull) sender.wake([{ id: replayed.endpointId, tenantId }])
    reply.code(202)
    return deliveryView(found(await findDelivery(kysely, { tenantId, id }), id))
  })
}

/** A delivery of the tenant. @throws RoomtapeError NOT_FOUND */
function found (delivery: ToldDelivery | undefined, id: string): ToldDelivery {
  if (delivery === undefined) throw new RoomtapeError('NOT_FOUND', `there is no delivery ${id}`)
  return delivery
}
