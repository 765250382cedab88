import { Type, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../core/clock.ts'
import { RoomtapeError } from '../core/errors.ts'
import type { Seal } from '../core/seal.ts'
import { engines, listApps, putApp } from '../state/apps.ts'
import type { CallbackKeys } from '../state/callback-keys.ts'
import type { Connection } from '../state/database.ts'
import { callbackFormats } from '../state/endpoint-options.ts'
import { ByTenant } from './fields.ts'
import { CosConfig, cosTarget, LocalStore, localTarget } from './store-config.ts'
import { checkTenant } from './tenants.ts'
import { AppView, appView } from './views/app.ts'
import { readZeroValuesAsAbsent } from './zero-values.ts'

export interface AppRoutesOptions {
  kysely: Connection
  clock: Clock
  seal: Seal
  callbackKeys: Pick<CallbackKeys, 'put'>
  cosEndpoint?: string | undefined
}

const AppRequest = Type.Object({
  Engine: Type.Optional(Type.Enum([...engines], { default: 'relay' })),
  CallbackKey: Type.String({ pattern: '^[A-Za-z0-9]{1,32}$', description: "Key of TRTC's event callbacks." }),
  SdkSecretKey: Type.String({ minLength: 1, maxLength: 256, description: "Makes the robots' UserSigs, checks the callers'." }),
  CloudSecretId: Type.String({ minLength: 1, maxLength: 256, description: 'Cloud API credentials for StartPublishCdnStream.' }),
  CloudSecretKey: Type.String({ minLength: 1, maxLength: 256 }),
  CloudRegion: Type.Optional(Type.String({ pattern: '^[a-z0-9-]{1,32}$', default: 'ap-guangzhou' })),
  CloudEndpoint: Type.Optional(Type.String({ pattern: '^(https?://)?[A-Za-z0-9.:-]+$', maxLength: 255, description: 'trtc.intl.tencentcloudapi.com for international accounts.' })),
  CallbackFormat: Type.Optional(Type.Enum([...callbackFormats], {
    default: 'full', description: 'Of the `Callback` of starts that name none. `template`: the five fields of the serverless template at the end, and nothing else.'
  })),
  DefaultStore: Type.Optional(Type.Union([CosConfig, LocalStore], { description: 'For recordings that bring no CosConfig.' }))
}, { additionalProperties: false })

/** The TRTC apps of a tenant. Their secrets go in, and never out. */
export async function appRoutes (scope: FastifyInstance, { kysely, clock, seal, callbackKeys, cosEndpoint }: AppRoutesOptions): Promise<void> {
  const app = scope.withTypeProvider<TypeBoxTypeProvider>()
  readZeroValuesAsAbsent(scope)

  app.put('/tenants/:TenantId/apps/:SdkAppId', {
    schema: {
      summary: 'Add a TRTC app to a tenant, or replace it',
      params: Type.Object({ ...ByTenant.properties, SdkAppId: Type.Integer({ minimum: 1, maximum: 4_294_967_295 }) }),
      body: AppRequest,
      response: { 200: AppView }
    }
  }, async ({ params: { TenantId, SdkAppId }, body }) => {
    await checkTenant(kysely, TenantId)
    const nowMs = clock.now()
    const stored = await putApp(kysely, seal, {
      sdkAppId: SdkAppId,
      tenantId: TenantId,
      engine: body.Engine ?? 'relay',
      callbackFormat: body.CallbackFormat ?? 'full',
      callbackKey: body.CallbackKey,
      sdkSecretKey: body.SdkSecretKey,
      cloud: {
        secretId: body.CloudSecretId,
        secretKey: body.CloudSecretKey,
        region: body.CloudRegion ?? 'ap-guangzhou',
        ...body.CloudEndpoint !== undefined && { endpoint: body.CloudEndpoint }
      },
      ...body.DefaultStore !== undefined && { defaultStore: 'Directory' in body.DefaultStore ? localTarget(body.DefaultStore) : cosTarget(body.DefaultStore, cosEndpoint) },
      createdMs: nowMs,
      updatedMs: nowMs
    })
    if (stored === undefined) throw new RoomtapeError('CONFLICT', `SdkAppId ${SdkAppId} belongs to another tenant`)
    callbackKeys.put(SdkAppId, body.CallbackKey)
    return appView(stored)
  })

  app.get('/tenants/:TenantId/apps', {
    schema: { summary: 'List the TRTC apps of a tenant', params: ByTenant, response: { 200: Type.Object({ Apps: Type.Array(AppView) }) } }
  }, async ({ params: { TenantId } }) => {
    await checkTenant(kysely, TenantId)
    return { Apps: (await listApps(kysely, TenantId)).map(appView) }
  })
}
