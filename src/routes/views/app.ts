import { Type, type Static } from 'typebox'
import type { AppView as AppRow } from '../../state/apps.ts'

export const AppView = Type.Object({
  SdkAppId: Type.Integer(),
  TenantId: Type.String(),
  Engine: Type.String(),
  CreatedMs: Type.Integer(),
  UpdatedMs: Type.Integer()
})
export type AppView = Static<typeof AppView>

export function appView ({ sdkAppId, tenantId, engine, createdMs, updatedMs }: AppRow): AppView {
  return { SdkAppId: sdkAppId, TenantId: tenantId, Engine: engine, CreatedMs: createdMs, UpdatedMs: updatedMs }
}
