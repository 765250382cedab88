import { Type, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { checkCallbackUrl, type CallbackPolicy } from '../callback/address-guard.ts'
import { openEndpointHeaders, sealEndpointHeaders } from '../callback/endpoint-headers.ts'
import { sealEndpointSecrets } from '../callback/endpoint-secrets.ts'
import { endpointUrlContext } from '../callback/seal-contexts.ts'
import type { Sender } from '../callback/sender.ts'
import { mintSecret } from '../callback/signature.ts'
import type { Clock } from '../core/clock.ts'
import { RoomtapeError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import type { Seal } from '../core/seal.ts'
import type { Connection } from '../state/database.ts'
import { cancelHeld, settleWaiting } from '../state/deliveries.ts'
import type { EndpointRow } from '../state/endpoints.ts'
import {
  changeEndpoint, deleteEndpoint, findEndpoint, holdEndpoint, holdEndpointCount, insertEndpoint, listEndpoints, type EndpointKey
} from '../state/own-endpoints.ts'
import { EndpointPatch, EndpointRequest, headersOf, optionColumns } from './endpoint-request.ts'
import { Id, pageFields, pageOf, rowsOf } from './fields.ts'
import { checkIfMatch, etagOf } from './if-match.ts'
import { EndpointList, EndpointView, endpointView } from './views/endpoint.ts'
import { readZeroValuesAsAbsent } from './zero-values.ts'

export interface EndpointRoutesOptions {
  kysely: Connection
  clock: Clock
  seal: Seal
  callbackPolicy: CallbackPolicy
  sender: Pick<Sender, 'isBack'>
}

const mostEndpoints = 20
export const ByEndpoint = Type.Object({ EndpointId: Id })
const Created = Type.Object({ ...EndpointView.properties, Secret: Type.Optional(Type.String({ description: 'Signs what is sent there; shown this once. None with `Pull`.' })) })

/** A tenant's endpoints: who is told of its events, and of which. */
export async function endpointRoutes (scope: FastifyInstance, { kysely, clock, seal, callbackPolicy, sender }: EndpointRoutesOptions): Promise<void> {
  const app = scope.withTypeProvider<TypeBoxTypeProvider>()
  readZeroValuesAsAbsent(scope)

  app.post('/endpoints', {
    config: { roomtapeScope: 'endpoints:write', roomtapeSecretAnswer: true },
    schema: { summary: 'Add an endpoint; its secret is shown once', body: EndpointRequest, response: { 201: Created } }
  }, async ({ body, roomtapeTenant: { id: tenantId } }, reply) => {
    const { Url, Pull = false } = body
    if (Pull) checkPull(body)
    else if (Url === undefined) throw new RoomtapeError('VALIDATION', 'Url is needed, or Pull')
    const id = newId('ep')
    const secret = Pull ? undefined : mintSecret()
    const nowMs = clock.now()
    const row = {
      types: '["*"]',
      filters: '{}',
      ...optionColumns(body),
      id,
      tenantId,
      sealedUrl: Url === undefined ? null : seal.seal(checkCallbackUrl(Url, callbackPolicy), endpointUrlContext(id)),
      sealedHeaders: sealEndpointHeaders(seal, id, headersOf({}, body.Headers)),
      sealedSecrets: secret === undefined ? null : sealEndpointSecrets(seal, id, [{ secret }]),
      pull: Pull,
      createdMs: nowMs,
      updatedMs: nowMs
    }
    await kysely.transaction().execute(async (transaction) => {
      const count = await holdEndpointCount(transaction, tenantId)
      if (count >= mostEndpoints) throw new RoomtapeError('ENDPOINT_LIMIT', `a tenant has at most ${mostEndpoints} endpoints`)
      await insertEndpoint(transaction, row)
    })
    reply.code(201).header('location', `/v1/endpoints/${id}`)
    return { ...await shown({ tenantId, id }, reply), ...secret !== undefined && { Secret: secret } }
  })

  app.get('/endpoints', {
    config: { roomtapeScope: 'endpoints:read' },
    schema: {
      summary: 'List endpoints, newest first',
      querystring: Type.Object({
        ...pageFields,
        Hidden: Type.Optional(Type.Boolean({ description: 'Those made of `Callback` URLs, instead of your own.' }))
      }, { additionalProperties: false }),
      response: { 200: EndpointList }
    }
  }, async ({ query, roomtapeTenant: { id: tenantId } }) => {
    const rows = await listEndpoints(kysely, { tenantId, hidden: query.Hidden ?? false, limit: rowsOf(query), before: query.Cursor })
    const { page, NextCursor } = pageOf(rows, query)
    return { Endpoints: page.map((row) => endpointView(row, seal)), NextCursor }
  })

  app.get('/endpoints/:EndpointId', {
    config: { roomtapeScope: 'endpoints:read' },
    schema: { summary: 'One endpoint, and how it fares', params: ByEndpoint, response: { 200: EndpointView } }
  }, async ({ params: { EndpointId: id }, roomtapeTenant: { id: tenantId } }, reply) => shown({ tenantId, id }, reply))

  app.patch('/endpoints/:EndpointId', {
    config: { roomtapeScope: 'endpoints:write' },
    schema: { summary: 'Change an endpoint', params: ByEndpoint, body: EndpointPatch, response: { 200: EndpointView } }
  }, async (request, reply) => {
    const { params: { EndpointId: id }, body, roomtapeTenant: { id: tenantId } } = request
    const url = body.Url === undefined ? undefined : checkCallbackUrl(body.Url, callbackPolicy)
    await kysely.transaction().execute(async (transaction) => {
      const row = own(await holdEndpoint(transaction, { tenantId, id }), id)
      checkIfMatch(request, row.version)
      if (row.pull) checkPull(body)
      await changeEndpoint(transaction, id, {
        ...optionColumns(body),
        ...url !== undefined && { sealedUrl: seal.seal(url, endpointUrlContext(id)) },
        ...body.Headers !== undefined && {
          sealedHeaders: sealEndpointHeaders(seal, id, headersOf(openEndpointHeaders(seal, id, row.sealedHeaders), body.Headers))
        },
        updatedMs: clock.now(),
        // What was said by another address says nothing of this one
        forgiven: body.Enabled === true || url !== undefined
      })
    })
    // After the commit: whoever claims deliveries locks them before their endpoint.
    if (body.Enabled === false) await settleWaiting(kysely, id, 'held')
    else if (url !== undefined || body.Enabled === true) sender.isBack({ id, tenantId })
    return shown({ tenantId, id }, reply)
  })

  app.delete('/endpoints/:EndpointId', {
    config: { roomtapeScope: 'endpoints:write' },
    schema: { summary: 'Delete an endpoint; what waits for it, or is held, is cancelled', params: ByEndpoint, response: { 204: Type.Null() } }
  }, async (request, reply) => {
    const { params: { EndpointId: id }, roomtapeTenant: { id: tenantId } } = request
    await kysely.transaction().execute(async (transaction) => {
      const row = own(await holdEndpoint(transaction, { tenantId, id }), id)
      checkIfMatch(request, row.version)
      await deleteEndpoint(transaction, id)
    })
    await settleWaiting(kysely, id, 'cancelled')
    await cancelHeld(kysely, id)
    return reply.code(204).send(null)
  })

  async function shown (key: EndpointKey, reply: FastifyReply): Promise<EndpointView> {
    const row = found(await findEndpoint(kysely, key), key.id)
    reply.header('etag', etagOf(row.version))
    return endpointView(row, seal)
  }
}

/** An endpoint of the tenant. @throws RoomtapeError NOT_FOUND */
export function found<Row> (row: Row | undefined, id: string): Row {
  if (row === undefined) throw new RoomtapeError('NOT_FOUND', `there is no endpoint ${id}`)
  return row
}

/** An endpoint that the tenant may change. @throws RoomtapeError NOT_FOUND, CONFLICT */
export function own (row: EndpointRow | undefined, id: string): EndpointRow {
  const endpoint = found(row, id)
  if (endpoint.hidden) throw new RoomtapeError('CONFLICT', `endpoint ${id} is made of a Callback URL, and goes when no recording names that any more`)
  return endpoint
}

/** Nothing is sent to an endpoint that asks for its events. @throws RoomtapeError VALIDATION */
function checkPull (body: EndpointRequest): void {
  for (const name of ['Url', 'Schedule', 'Headers', 'CallbackFormat'] as const) {
    if (body[name] !== undefined) throw new RoomtapeError('VALIDATION', `${name} is not for an endpoint with Pull`)
  }
}
