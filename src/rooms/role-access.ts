import { RoomtapeError } from '../core/errors.ts'
import type { CosTarget, StoreTarget } from '../core/store-target.ts'
import type { Connection } from '../state/database.ts'
import { listRoleStores, type RoleStore } from '../state/role-stores.ts'

interface RoleAccess {
  kysely: Connection
  tenantId: string
  /** Of the app, as the operator saved it. */
  defaultStore: StoreTarget | undefined
}

/**
 * Checks that a tenant who names a store without keys may write there by the role of this machine: the operator has listed it, or saved it
 * so as the app's default.
 * @throws RoomtapeError STORE_NOT_LISTED
 */
export async function checkRoleAccess (store: StoreTarget, { kysely, tenantId, defaultStore }: RoleAccess): Promise<void> {
  if (!usesRole(store) || (defaultStore !== undefined && usesRole(defaultStore) && isSamePlace(store, defaultStore))) return
  const listed = await listRoleStores(kysely, tenantId)
  if (listed.some((each) => isWithin(store, each))) return
  const place = `bucket '${store.bucket}' in ${store.region}, path '${store.path}'`
  throw new RoomtapeError('STORE_NOT_LISTED', `${place}, cannot be written to without keys: the operator lists it by PUT /operator/tenants/${tenantId}/role-stores`)
}

function usesRole (store: StoreTarget): store is CosTarget {
  return store.kind === 'cos' && !store.secretId && !store.secretKey
}

function isSamePlace (store: RoleStore, other: RoleStore): boolean {
  return store.bucket === other.bucket && store.region === other.region && store.path === other.path
}

/** By whole segments of the path: `lessons` holds `lessons/a`, not `lessons2`. */
function isWithin (store: RoleStore, { bucket, region, path }: RoleStore): boolean {
  return store.bucket === bucket && store.region === region && (path === '' || store.path === path || store.path.startsWith(`${path}/`))
}
