import { Type, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import type { Connection } from '../state/database.ts'
import { listRoleStores, replaceRoleStores, type RoleStore } from '../state/role-stores.ts'
import { ByTenant } from './fields.ts'
import { CosConfig, cosPath } from './store-config.ts'
import { checkTenant } from './tenants.ts'
import { RoleStoreList, roleStoreList } from './views/role-store.ts'
import { readZeroValuesAsAbsent } from './zero-values.ts'

export interface RoleStoreRoutesOptions {
  kysely: Connection
}

const { Bucket, Region, Path } = CosConfig.properties

const RoleStores = Type.Array(Type.Object({ Bucket, Region, Path }, { additionalProperties: false }), { maxItems: 200 })

/** Where a tenant may write by the role of this machine. */
export async function roleStoreRoutes (scope: FastifyInstance, { kysely }: RoleStoreRoutesOptions): Promise<void> {
  const app = scope.withTypeProvider<TypeBoxTypeProvider>()
  readZeroValuesAsAbsent(scope)

  app.get('/tenants/:TenantId/role-stores', {
    schema: { summary: "List where a tenant's recordings may write without keys, by the role of the gateway's machine", params: ByTenant, response: { 200: RoleStoreList } }
  }, async ({ params: { TenantId } }) => {
    await checkTenant(kysely, TenantId)
    return roleStoreList(await listRoleStores(kysely, TenantId))
  })

  app.put('/tenants/:TenantId/role-stores', {
    schema: {
      summary: "Say where a tenant's recordings may write without keys, in place of what was listed: each bucket, or folder of it with all below, by whole segments of the path",
      params: ByTenant,
      body: RoleStores,
      response: { 200: RoleStoreList }
    }
  }, async ({ params: { TenantId }, body }) => {
    await checkTenant(kysely, TenantId)
    const stores = body.map((store): RoleStore => ({ bucket: store.Bucket, region: store.Region, path: cosPath(store.Path, 'Path') }))
    await kysely.transaction().execute((transaction) => replaceRoleStores(transaction, TenantId, stores))
    return roleStoreList(await listRoleStores(kysely, TenantId))
  })
}
