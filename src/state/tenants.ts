import type { Insertable, Selectable } from 'kysely'
import type { Connection } from './database.ts'
import type { Tables } from './tables.ts'

export type TenantRow = Selectable<Tables['tenants']>
export type ApiKeyRow = Selectable<Tables['apiKeys']>

export async function insertTenant (db: Connection, tenant: TenantRow): Promise<void> {
  await db.insertInto('tenants').values(tenant).execute()
}

export async function findTenant (db: Connection, id: string): Promise<TenantRow | undefined> {
  return db.selectFrom('tenants').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function listTenants (db: Connection): Promise<TenantRow[]> {
  return db.selectFrom('tenants').selectAll().orderBy('id').execute()
}

export async function insertApiKey (db: Connection, key: Insertable<Tables['apiKeys']>): Promise<void> {
  await db.insertInto('apiKeys').values(key).execute()
}

export async function findApiKey (db: Connection, keyId: string): Promise<ApiKeyRow | undefined> {
  return db.selectFrom('apiKeys').selectAll().where('keyId', '=', keyId).executeTakeFirst()
}

export async function listApiKeys (db: Connection, tenantId: string): Promise<ApiKeyRow[]> {
  return db.selectFrom('apiKeys').selectAll().where('tenantId', '=', tenantId).orderBy('createdMs').orderBy('keyId').execute()
}

/** @returns whether the tenant has that key. */
export async function revokeApiKey (db: Connection, tenantId: string, keyId: string, nowMs: number): Promise<boolean> {
  const { numUpdatedRows } = await db.updateTable('apiKeys').set((eb) => ({ revokedMs: eb.fn.coalesce('revokedMs', eb.val(nowMs)) }))
    .where('tenantId', '=', tenantId).where('keyId', '=', keyId).executeTakeFirst()
  return numUpdatedRows === 1n
}
