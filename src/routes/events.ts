import { Type, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { RoomtapeError } from '../core/errors.ts'
import type { Connection } from '../state/database.ts'
import { holdFeed, readFeed } from '../state/feed.ts'
import { found } from './endpoints.ts'
import { Id, pageFields } from './fields.ts'
import { readZeroValuesAsAbsent, zeroCounts } from './zero-values.ts'

export interface EventRoutesOptions {
  kysely: Connection
}

/** The feed of events, for those to whom nothing can be sent. */
export async function eventRoutes (scope: FastifyInstance, { kysely }: EventRoutesOptions): Promise<void> {
  const app = scope.withTypeProvider<TypeBoxTypeProvider>()
  readZeroValuesAsAbsent(scope)

  app.get('/events', {
    config: { roomtapeScope: 'endpoints:read' },
    schema: {
      summary: 'Read on in the feed of an endpoint with `Pull`',
      querystring: Type.Object({
        Endpoint: Id,
        After: Type.Optional(Type.Integer({
          minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 0, description: '`NextAfter` of the page before: what it had counts as delivered. 0: from the oldest that is kept.'
        })),
        Limit: pageFields.Limit
      }, { additionalProperties: false, [zeroCounts]: true }),
      response: {
        200: Type.Object({
          Events: Type.Array(Type.Record(Type.String(), Type.Unknown()), { description: 'Whole events, as they would have been sent.' }),
          NextAfter: Type.Integer({ description: 'From where to read on, when these are dealt with.' })
        })
      }
    }
  }, async ({ query: { Endpoint: id, After: after = 0, Limit: limit = 20 }, roomtapeTenant: { id: tenantId } }) => {
    const { bodies, nextAfter } = await kysely.transaction().execute(async (transaction) => {
      const { pull, feedPosition } = found(await holdFeed(transaction, { tenantId, id }), id)
      if (!pull) throw new RoomtapeError('CONFLICT', `endpoint ${id} has a Url, and no feed`)
      if (after > feedPosition) throw new RoomtapeError('VALIDATION', `After is beyond the feed, which ends at ${feedPosition}`)
      return readFeed(transaction, id, { feedPosition, after, limit })
    })
    return { Events: bodies.map((body) => JSON.parse(body) as Record<string, unknown>), NextAfter: nextAfter }
  })
}
