import { Type, type Static } from 'typebox'
import type { ApiKeyRow } from '../../state/tenants.ts'
import { orNull } from '../fields.ts'

export const KeyView = Type.Object({
  KeyId: Type.String(),
  Name: Type.String(),
  Last4: Type.String(),
  Scopes: Type.Array(Type.String()),
  AllowNetworks: Type.Array(Type.String()),
  CreatedMs: Type.Integer(),
  ExpiresMs: orNull(Type.Integer()),
  RevokedMs: orNull(Type.Integer())
})
export type KeyView = Static<typeof KeyView>

export function keyView (row: Omit<ApiKeyRow, 'hash' | 'tenantId'>): KeyView {
  return {
    KeyId: row.keyId,
    Name: row.name,
    Last4: row.last4,
    Scopes: row.scopes,
    AllowNetworks: row.networks,
    CreatedMs: row.createdMs,
    ExpiresMs: row.expiresMs,
    RevokedMs: row.revokedMs
  }
}
