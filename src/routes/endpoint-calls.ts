import { Type, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import type { PgBoss } from 'pg-boss'
import { openEndpointSecrets, rotateSecrets, sealEndpointSecrets } from '../callback/endpoint-secrets.ts'
import { mintSecret } from '../callback/signature.ts'
import { testEndpoint, type TestEndpointDeps } from '../callback/test-endpoint.ts'
import { RoomtapeError } from '../core/errors.ts'
import type { Connection } from '../state/database.ts'
import { changeEndpoint, findEndpoint, holdEndpoint } from '../state/own-endpoints.ts'
import { queues, type ReplayJob } from '../state/queues.ts'
import { countReplayable, replayableStates } from '../state/replays.ts'
import { findTenant } from '../state/tenants.ts'
import { EventTypes } from './endpoint-request.ts'
import { ByEndpoint, found, own } from './endpoints.ts'
import { Moment } from './fields.ts'
import { checkIfMatch, etagOf } from './if-match.ts'
import { TestView, testView } from './views/attempt.ts'
import { readZeroValuesAsAbsent, zeroCounts } from './zero-values.ts'

export interface EndpointCallRoutesOptions {
  kysely: Connection
  boss: Pick<PgBoss, 'send'>
  endpointTest: TestEndpointDeps
}

const dayInSeconds = 86_400
const closed = { additionalProperties: false }

const RotateRequest = Type.Union([
  Type.Object({
    ExpireOldSeconds: Type.Optional(Type.Integer({
      minimum: 0, maximum: 7 * dayInSeconds, default: dayInSeconds, description: 'How long former secrets are valid beside it. 0, for one that has leaked: they are no longer.'
    }))
  }, closed),
  Type.Null()
], { [zeroCounts]: true })

const ReplayRequest = Type.Union([
  Type.Object({
    SinceMs: Type.Optional(Moment),
    UntilMs: Type.Optional({ ...Moment, description: 'Not itself; now, unless said.' } as typeof Moment),
    Types: Type.Optional(EventTypes),
    States: Type.Optional(Type.Array(Type.Enum([...replayableStates]), { minItems: 1, uniqueItems: true, default: ['dead', 'held'] }))
  }, closed),
  Type.Null()
])

/** What is done with an endpoint: another secret, a test, making deliveries again. */
export async function endpointCallRoutes (scope: FastifyInstance, { kysely, boss, endpointTest }: EndpointCallRoutesOptions): Promise<void> {
  const app = scope.withTypeProvider<TypeBoxTypeProvider>()
  readZeroValuesAsAbsent(scope)
  const { seal, clock } = endpointTest
  const closing = new AbortController()
  app.addHook('preClose', async () => { closing.abort(new RoomtapeError('UNAVAILABLE', 'the gateway is stopping; try again')) })

  app.post('/endpoints/:EndpointId/secret/rotate', {
    config: { roomtapeScope: 'endpoints:write', roomtapeSecretAnswer: true },
    schema: {
      summary: 'Give an endpoint another secret, shown once; former ones stay valid for a while',
      params: ByEndpoint,
      body: RotateRequest,
      response: { 200: Type.Object({ EndpointId: Type.String(), Secret: Type.String(), OldUntilMs: Type.Integer({ description: 'When the last of the former ones ends.' }) }) }
    }
  }, async (request, reply) => {
    const { params: { EndpointId: id }, body, roomtapeTenant: { id: tenantId } } = request
    const secret = mintSecret()
    const nowMs = clock.now()
    const expireOldMs = (body?.ExpireOldSeconds ?? dayInSeconds) * 1_000
    const version = await kysely.transaction().execute(async (transaction) => {
      const row = own(await holdEndpoint(transaction, { tenantId, id }), id)
      if (row.sealedSecrets === null) throw new RoomtapeError('CONFLICT', `endpoint ${id} asks for its events: it has no secret`)
      checkIfMatch(request, row.version)
      const secrets = rotateSecrets(openEndpointSecrets(seal, id, row.sealedSecrets, nowMs), secret, { expireOldMs, nowMs })
      return changeEndpoint(transaction, id, { sealedSecrets: sealEndpointSecrets(seal, id, secrets), updatedMs: nowMs })
    })
    reply.header('etag', etagOf(version))
    return { EndpointId: id, Secret: secret, OldUntilMs: nowMs + expireOldMs }
  })

  app.post('/endpoints/:EndpointId/test', {
    config: { roomtapeScope: 'endpoints:write' },
    schema: { summary: 'Send `test.ping` to an endpoint now, and tell what came of it', params: ByEndpoint, response: { 200: TestView } }
  }, async ({ params: { EndpointId: id }, roomtapeTenant: { id: tenantId } }) => {
    const row = found(await findEndpoint(kysely, { tenantId, id }), id)
    if (row.pull) throw new RoomtapeError('CONFLICT', `endpoint ${id} asks for its events: nothing is sent there`)
    const { sealedCallbackSecret } = found(await findTenant(kysely, tenantId), id)
    return testView(await testEndpoint({ ...row, sealedCallbackSecret }, endpointTest, { signal: closing.signal }))
  })

  app.post('/endpoints/:EndpointId/replay', {
    config: { roomtapeScope: 'deliveries:replay' },
    schema: {
      summary: 'Make deliveries of an endpoint again, with the ids they had',
      params: ByEndpoint,
      body: ReplayRequest,
      response: { 202: Type.Object({ JobId: Type.String(), Count: Type.Integer({ description: 'How many it is about.' }) }) }
    }
  }, async ({ params: { EndpointId: id }, body, roomtapeTenant: { id: tenantId } }, reply) => {
    const row = found(await findEndpoint(kysely, { tenantId, id }), id)
    if (!row.enabled) throw new RoomtapeError('CONFLICT', `endpoint ${id} is not enabled`)
    const filter = {
      states: body?.States ?? ['dead' as const, 'held' as const],
      untilMs: body?.UntilMs ?? clock.now() + 1,
      ...body?.Types !== undefined && { types: body.Types },
      ...body?.SinceMs !== undefined && { sinceMs: body.SinceMs }
    }
    const count = await countReplayable(kysely, id, filter)
    const jobId = await boss.send(queues.replay, { tenantId, endpointId: id, ...filter } satisfies ReplayJob)
    if (jobId === null) throw new RoomtapeError('INTERNAL', 'the queue took no job')
    reply.code(202)
    return { JobId: jobId, Count: count }
  })
}
