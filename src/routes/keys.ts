import { Type, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { createApiKey, scopes } from '../core/api-key.ts'
import type { Clock } from '../core/clock.ts'
import { RoomtapeError } from '../core/errors.ts'
import { parseNetworks } from '../core/networks.ts'
import type { Connection } from '../state/database.ts'
import { insertApiKey, listApiKeys, revokeApiKey } from '../state/tenants.ts'
import { ByTenant, Id, printable } from './fields.ts'
import { checkTenant } from './tenants.ts'
import { KeyView, keyView } from './views/key.ts'

export interface KeyRoutesOptions {
  kysely: Connection
  clock: Clock
}

/** The API keys of a tenant. */
export async function keyRoutes (scope: FastifyInstance, { kysely, clock }: KeyRoutesOptions): Promise<void> {
  const app = scope.withTypeProvider<TypeBoxTypeProvider>()

  app.post('/tenants/:TenantId/keys', {
    schema: {
      summary: 'Create an API key; it is shown once',
      params: ByTenant,
      body: Type.Object({
        Name: Type.Optional(Type.String({ maxLength: 128, pattern: printable })),
        Scopes: Type.Optional(Type.Array(Type.Enum([...scopes]), { minItems: 1, uniqueItems: true, description: 'All when absent.' })),
        AllowNetworks: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 64, description: 'CIDR; anywhere when absent.' })),
        ExpiresMs: Type.Optional(Type.Integer({ minimum: 1 }))
      }, { additionalProperties: false }),
      response: { 201: Type.Object({ ...KeyView.properties, Key: Type.String() }) }
    }
  }, async ({ params: { TenantId }, body }, reply) => {
    await checkTenant(kysely, TenantId)
    const { key, keyId, hash, lastFour } = createApiKey()
    const row = {
      keyId,
      tenantId: TenantId,
      name: body.Name ?? '',
      hash,
      last4: lastFour,
      scopes: body.Scopes ?? [...scopes],
      networks: checkedNetworks(body.AllowNetworks ?? []),
      createdMs: clock.now(),
      expiresMs: body.ExpiresMs ?? null,
      revokedMs: null
    }
    await insertApiKey(kysely, { ...row, scopes: JSON.stringify(row.scopes), networks: JSON.stringify(row.networks) })
    reply.code(201)
    return { ...keyView(row), Key: key }
  })

  app.get('/tenants/:TenantId/keys', {
    schema: { summary: 'List the API keys of a tenant', params: ByTenant, response: { 200: Type.Object({ Keys: Type.Array(KeyView) }) } }
  }, async ({ params: { TenantId } }) => {
    await checkTenant(kysely, TenantId)
    return { Keys: (await listApiKeys(kysely, TenantId)).map(keyView) }
  })

  app.delete('/tenants/:TenantId/keys/:KeyId', {
    schema: { summary: 'Revoke an API key', params: Type.Object({ ...ByTenant.properties, KeyId: Id }), response: { 204: Type.Null() } }
  }, async ({ params: { TenantId, KeyId } }, reply) => {
    if (!await revokeApiKey(kysely, TenantId, KeyId, clock.now())) throw new RoomtapeError('NOT_FOUND', `tenant ${TenantId} has no key ${KeyId}`)
    return reply.code(204).send(null)
  })
}

function checkedNetworks (networks: string[]): string[] {
  try {
    parseNetworks(networks)
    return networks
  } catch (error) {
    if (error instanceof RangeError) throw new RoomtapeError('VALIDATION', `AllowNetworks: ${error.message}`)
    throw error
  }
}
