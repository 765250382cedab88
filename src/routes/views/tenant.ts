import { Type, type Static } from 'typebox'
import type { TenantRow } from '../../state/tenants.ts'

export const TenantView = Type.Object({ TenantId: Type.String(), Name: Type.String(), CreatedMs: Type.Integer() })
export type TenantView = Static<typeof TenantView>

export function tenantView ({ id, name, createdMs }: Omit<TenantRow, 'sealedCallbackSecret'>): TenantView {
  return { TenantId: id, Name: name, CreatedMs: createdMs }
}
