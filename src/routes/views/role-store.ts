import { Type, type Static } from 'typebox'
import type { RoleStore } from '../../state/role-stores.ts'

const RoleStoreView = Type.Object({ Bucket: Type.String(), Region: Type.String(), Path: Type.String({ description: 'Empty for the whole bucket.' }) })

export const RoleStoreList = Type.Object({ RoleStores: Type.Array(RoleStoreView) })
type RoleStoreList = Static<typeof RoleStoreList>

export function roleStoreList (stores: readonly RoleStore[]): RoleStoreList {
  return { RoleStores: stores.map(({ bucket, region, path }) => ({ Bucket: bucket, Region: region, Path: path })) }
}
