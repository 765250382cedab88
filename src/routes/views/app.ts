import { Type, type Static } from 'typebox'
import type { AppView as AppRow } from '../../state/apps.ts'
import { callbackFormats } from '../../state/endpoint-options.ts'

export const AppView = Type.Object({
  SdkAppId: Type.Integer(),
  TenantId: Type.String(),
  Engine: Type.String(),
  CallbackFormat: Type.Enum([...callbackFormats]),
  CreatedMs: Type.Integer(),
  UpdatedMs: Type.Integer()
})
export type AppView = Static<typeof AppView>

export function appView ({ sdkAppId, tenantId, engine, callbackFormat, createdMs, updatedMs }: AppRow): AppView {
  return { SdkAppId: sdkAppId, TenantId: tenantId, Engine: engine, CallbackFormat: callbackFormat, CreatedMs: createdMs, UpdatedMs: updatedMs }
}
