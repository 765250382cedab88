import { Type, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { secretContext } from '../callback/deliver.ts'
import { mintSecret } from '../callback/signature.ts'
import { createApiKey, scopes, type Scope } from '../core/api-key.ts'
import type { Clock } from '../core/clock.ts'
import { RoomtapeError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { parseNetworks } from '../core/networks.ts'
import type { Seal } from '../core/seal.ts'
import { engines, listApps, putApp, type AppView as AppRow } from '../state/apps.ts'
import type { Connection } from '../state/database.ts'
import { findTenant, insertApiKey, insertTenant, listApiKeys, listTenants, revokeApiKey, type ApiKeyRow } from '../state/tenants.ts'
import { CosConfig } from './recording-schema.ts'
import { cosTarget } from './start-order.ts'

export interface OperatorRoutesOptions {
  kysely: Connection
  clock: Clock
  seal: Seal
  cosEndpoint?: string | undefined
}

const defaultScopes: Scope[] = ['recordings:read', 'recordings:write']
const printable = '^[^\\u0000-\\u001f]*$'
const closed = { additionalProperties: false }
const Id = Type.String({ pattern: '^[\\w-]{1,64}$' })
const ByTenant = Type.Object({ TenantId: Id })
const Scopes = Type.Array(Type.Enum([...scopes]), { minItems: 1, uniqueItems: true })
const TenantView = Type.Object({ TenantId: Type.String(), Name: Type.String(), CreatedMs: Type.Integer() })
const KeyView = Type.Object({
  KeyId: Type.String(),
  Name: Type.String(),
  Last4: Type.String(),
  Scopes: Type.Array(Type.String()),
  AllowNetworks: Type.Array(Type.String()),
  CreatedMs: Type.Integer(),
  ExpiresMs: Type.Union([Type.Integer(), Type.Null()]),
  RevokedMs: Type.Union([Type.Integer(), Type.Null()])
})
const AppView = Type.Object({ SdkAppId: Type.Integer(), TenantId: Type.String(), Engine: Type.String(), CreatedMs: Type.Integer(), UpdatedMs: Type.Integer() })
const LocalStore = Type.Object({ Directory: Type.String({ pattern: '^/', maxLength: 1024, description: 'Folder of the node, absolute.' }) }, closed)

const AppRequest = Type.Object({
  Engine: Type.Optional(Type.Enum([...engines], { default: 'relay' })),
  CallbackKey: Type.String({ pattern: '^[A-Za-z0-9]{1,32}$', description: "Key of TRTC's event callbacks." }),
  SdkSecretKey: Type.String({ minLength: 1, maxLength: 256, description: "Makes the robots' UserSigs, checks the callers'." }),
  CloudSecretId: Type.String({ minLength: 1, maxLength: 256, description: 'Cloud API credentials for StartPublishCdnStream.' }),
  CloudSecretKey: Type.String({ minLength: 1, maxLength: 256 }),
  CloudRegion: Type.Optional(Type.String({ pattern: '^[a-z0-9-]{1,32}$', default: 'ap-guangzhou' })),
  CloudEndpoint: Type.Optional(Type.String({ pattern: '^(https?://)?[A-Za-z0-9.:-]+$', maxLength: 255, description: 'trtc.intl.tencentcloudapi.com for international accounts.' })),
  DefaultStore: Type.Optional(Type.Union([CosConfig, LocalStore], { description: 'For recordings that bring no CosConfig.' }))
}, closed)

/** What the operator does: tenants, their API keys, their TRTC apps. Secrets go in, and out only where they are made. */
export async function operatorRoutes (scope: FastifyInstance, { kysely, clock, seal, cosEndpoint }: OperatorRoutesOptions): Promise<void> {
  const app = scope.withTypeProvider<TypeBoxTypeProvider>()
  const mustExist = async (tenantId: string): Promise<void> => {
    if (await findTenant(kysely, tenantId) === undefined) throw new RoomtapeError('NOT_FOUND', `there is no tenant ${tenantId}`)
  }

  app.post('/tenants', {
    schema: {
      summary: 'Create a tenant; its callback secret is shown once',
      body: Type.Object({ Name: Type.String({ minLength: 1, maxLength: 128, pattern: printable }) }, closed),
      response: { 201: Type.Object({ ...TenantView.properties, CallbackSecret: Type.String() }) }
    }
  }, async ({ body }, reply) => {
    const id = newId('ten')
    const secret = mintSecret()
    const createdMs = clock.now()
    await insertTenant(kysely, { id, name: body.Name, sealedCallbackSecret: seal.seal(secret, secretContext(id)), createdMs })
    reply.code(201)
    return { TenantId: id, Name: body.Name, CreatedMs: createdMs, CallbackSecret: secret }
  })

  app.get('/tenants', {
    schema: { summary: 'List tenants', response: { 200: Type.Object({ Tenants: Type.Array(TenantView) }) } }
  }, async () => {
    const tenants = await listTenants(kysely)
    return { Tenants: tenants.map(({ id, name, createdMs }) => ({ TenantId: id, Name: name, CreatedMs: createdMs })) }
  })

  app.post('/tenants/:TenantId/keys', {
    schema: {
      summary: 'Create an API key; it is shown once',
      params: ByTenant,
      body: Type.Object({
        Name: Type.Optional(Type.String({ maxLength: 128, pattern: printable })),
        Scopes: Type.Optional(Scopes),
        AllowNetworks: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 64, description: 'CIDR; anywhere when absent.' })),
        ExpiresMs: Type.Optional(Type.Integer({ minimum: 1 }))
      }, closed),
      response: { 201: Type.Object({ ...KeyView.properties, Key: Type.String() }) }
    }
  }, async ({ params: { TenantId }, body }, reply) => {
    await mustExist(TenantId)
    const { key, keyId, hash, lastFour } = createApiKey()
    const row = {
      keyId,
      tenantId: TenantId,
      name: body.Name ?? '',
      hash,
      last4: lastFour,
      scopes: body.Scopes ?? defaultScopes,
      networks: checkedNetworks(body.AllowNetworks ?? []),
      createdMs: clock.now(),
      expiresMs: body.ExpiresMs ?? null,
      revokedMs: null
    }
    await insertApiKey(kysely, { ...row, scopes: JSON.stringify(row.scopes), networks: JSON.stringify(row.networks) })
    reply.code(201)
    return { ...keyView(row), Key: key }
  })

  app.get('/tenants/:TenantId/keys', {
    schema: { summary: 'List the API keys of a tenant', params: ByTenant, response: { 200: Type.Object({ Keys: Type.Array(KeyView) }) } }
  }, async ({ params: { TenantId } }) => {
    await mustExist(TenantId)
    return { Keys: (await listApiKeys(kysely, TenantId)).map(keyView) }
  })

  app.delete('/tenants/:TenantId/keys/:KeyId', {
    schema: { summary: 'Revoke an API key', params: Type.Object({ ...ByTenant.properties, KeyId: Id }), response: { 204: Type.Null() } }
  }, async ({ params: { TenantId, KeyId } }, reply) => {
    if (!await revokeApiKey(kysely, TenantId, KeyId, clock.now())) throw new RoomtapeError('NOT_FOUND', `tenant ${TenantId} has no key ${KeyId}`)
    return reply.code(204).send(null)
  })

  app.put('/tenants/:TenantId/apps/:SdkAppId', {
    schema: {
      summary: 'Add a TRTC app to a tenant, or replace it',
      params: Type.Object({ ...ByTenant.properties, SdkAppId: Type.Integer({ minimum: 1, maximum: 4_294_967_295 }) }),
      body: AppRequest,
      response: { 200: AppView }
    }
  }, async ({ params: { TenantId, SdkAppId }, body }) => {
    await mustExist(TenantId)
    const nowMs = clock.now()
    const stored = await putApp(kysely, seal, {
      sdkAppId: SdkAppId,
      tenantId: TenantId,
      engine: body.Engine ?? 'relay',
      callbackKey: body.CallbackKey,
      sdkSecretKey: body.SdkSecretKey,
      cloud: {
        secretId: body.CloudSecretId,
        secretKey: body.CloudSecretKey,
        region: body.CloudRegion ?? 'ap-guangzhou',
        ...body.CloudEndpoint !== undefined && { endpoint: body.CloudEndpoint }
      },
      ...body.DefaultStore !== undefined && { defaultStore: 'Directory' in body.DefaultStore ? localTarget(body.DefaultStore.Directory) : cosTarget(body.DefaultStore, cosEndpoint) },
      createdMs: nowMs,
      updatedMs: nowMs
    })
    if (stored === undefined) throw new RoomtapeError('CONFLICT', `SdkAppId ${SdkAppId} belongs to another tenant`)
    return appView(stored)
  })

  app.get('/tenants/:TenantId/apps', {
    schema: { summary: 'List the TRTC apps of a tenant', params: ByTenant, response: { 200: Type.Object({ Apps: Type.Array(AppView) }) } }
  }, async ({ params: { TenantId } }) => {
    await mustExist(TenantId)
    return { Apps: (await listApps(kysely, TenantId)).map(appView) }
  })
}

function appView ({ sdkAppId, tenantId, engine, createdMs, updatedMs }: AppRow) {
  return { SdkAppId: sdkAppId, TenantId: tenantId, Engine: engine, CreatedMs: createdMs, UpdatedMs: updatedMs }
}

function keyView (row: Omit<ApiKeyRow, 'hash' | 'tenantId'>) {
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

function localTarget (directory: string) {
  return { kind: 'local' as const, directory, path: '' }
}

function checkedNetworks (networks: string[]): string[] {
  try {
    parseNetworks(networks)
    return networks
  } catch (error) {
    if (error instanceof RangeError) throw new RoomtapeError('VALIDATION', `AllowNetworks: ${error.message}`)
    throw error
  }
}
