import { Type, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { tenantSecretContext } from '../callback/seal-contexts.ts'
import { mintSecret } from '../callback/signature.ts'
import type { Clock } from '../core/clock.ts'
import { RoomtapeError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import type { Seal } from '../core/seal.ts'
import type { Connection } from '../state/database.ts'
import { findTenant, insertTenant, listTenants } from '../state/tenants.ts'
import { printable } from './fields.ts'
import { TenantView, tenantView } from './views/tenant.ts'

export interface TenantRoutesOptions {
  kysely: Connection
  clock: Clock
  seal: Seal
}

/** The operator's tenants. */
export async function tenantRoutes (scope: FastifyInstance, { kysely, clock, seal }: TenantRoutesOptions): Promise<void> {
  const app = scope.withTypeProvider<TypeBoxTypeProvider>()

  app.post('/tenants', {
    schema: {
      summary: 'Create a tenant; its callback secret is shown once',
      body: Type.Object({ Name: Type.String({ minLength: 1, maxLength: 128, pattern: printable }) }, { additionalProperties: false }),
      response: { 201: Type.Object({ ...TenantView.properties, CallbackSecret: Type.String() }) }
    }
  }, async ({ body }, reply) => {
    const id = newId('ten')
    const secret = mintSecret()
    const tenant = { id, name: body.Name, sealedCallbackSecret: seal.seal(secret, tenantSecretContext(id)), createdMs: clock.now() }
    await insertTenant(kysely, tenant)
    reply.code(201)
    return { ...tenantView(tenant), CallbackSecret: secret }
  })

  app.get('/tenants', {
    schema: { summary: 'List tenants', response: { 200: Type.Object({ Tenants: Type.Array(TenantView) }) } }
  }, async () => {
    return { Tenants: (await listTenants(kysely)).map(tenantView) }
  })
}

/** @throws RoomtapeError NOT_FOUND */
export async function checkTenant (kysely: Connection, tenantId: string): Promise<void> {
  if (await findTenant(kysely, tenantId) === undefined) throw new RoomtapeError('NOT_FOUND', `there is no tenant ${tenantId}`)
}
