import type { Connection } from './database.ts'

/** A folder of a bucket that a tenant may write to by the role this machine runs under. */
export interface RoleStore {
  bucket: string
  region: string
  /** Without slashes at either end; '' is the whole bucket. */
  path: string
}

export async function listRoleStores (db: Connection, tenantId: string): Promise<RoleStore[]> {
  return db.selectFrom('roleStores').select(['bucket', 'region', 'path']).where('tenantId', '=', tenantId)
    .orderBy('bucket').orderBy('region').orderBy('path').execute()
}

/** Makes these the only ones of a tenant. For a transaction. */
export async function replaceRoleStores (db: Connection, tenantId: string, stores: readonly RoleStore[]): Promise<void> {
  await db.deleteFrom('roleStores').where('tenantId', '=', tenantId).execute()
  if (stores.length === 0) return
  await db.insertInto('roleStores').values(stores.map(({ bucket, region, path }) => ({ tenantId, bucket, region, path })))
    .onConflict((conflict) => conflict.doNothing()).execute()
}
