import type { Selectable } from 'kysely'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import type { Seal } from '../core/seal.ts'
import { StoreTarget } from '../core/store-target.ts'
import type { Connection } from './database.ts'
import type { CallbackFormat } from './endpoint-options.ts'
import type { Tables } from './tables.ts'

export const engines = ['relay'] as const

/** Secrets of a TRTC application; they are kept sealed. */
const AppSecrets = Type.Object({
  /** Key of the event callbacks, at most 32 letters and digits. */
  callbackKey: Type.String(),
  /** Key UserSigs are made with. */
  sdkSecretKey: Type.Optional(Type.String()),
  cloud: Type.Optional(Type.Object({
    secretId: Type.String(),
    secretKey: Type.String(),
    region: Type.String(),
    /** Host, or origin, of the Cloud API when it is not the setting's. */
    endpoint: Type.Optional(Type.String())
  })),
  defaultStore: Type.Optional(StoreTarget)
})
type AppSecrets = Static<typeof AppSecrets>

/** A TRTC application of a tenant. */
export interface App extends AppSecrets {
  sdkAppId: number
  tenantId: string
  engine: typeof engines[number]
  /** Of the `Callback` of starts that name none. */
  callbackFormat: CallbackFormat
  createdMs: number
  updatedMs: number
}

/** An app without its secrets. */
export type AppView = Omit<Selectable<Tables['apps']>, 'sealedSecrets'>

const viewColumns = ['sdkAppId', 'tenantId', 'engine', 'callbackFormat', 'createdMs', 'updatedMs'] as const

type NewApp = Omit<App, 'callbackFormat'> & Partial<Pick<App, 'callbackFormat'>>

/** Writes an app, or replaces the one the same tenant has. @returns undefined when it belongs to another tenant */
export async function putApp (
  db: Connection, seal: Seal, { sdkAppId, tenantId, engine, callbackFormat = 'full', createdMs, updatedMs, ...secrets }: NewApp
): Promise<AppView | undefined> {
  const change = { engine, callbackFormat, sealedSecrets: seal.seal(JSON.stringify(secrets), context(sdkAppId)), updatedMs }
  return db.insertInto('apps').values({ sdkAppId, tenantId, createdMs, ...change })
    .onConflict((conflict) => conflict.column('sdkAppId').doUpdateSet(change).where('apps.tenantId', '=', tenantId))
    .returning(viewColumns).executeTakeFirst()
}

export async function findApp (db: Connection, seal: Seal, sdkAppId: number): Promise<App | undefined> {
  const row = await db.selectFrom('apps').selectAll().where('sdkAppId', '=', sdkAppId).executeTakeFirst()
  return row && openApp(seal, row)
}

/** @throws RoomtapeError SEAL_BROKEN */
export function openApp (seal: Seal, { sealedSecrets, engine, ...rest }: Selectable<Tables['apps']>): App {
  const secrets = Value.Parse(AppSecrets, JSON.parse(seal.open(sealedSecrets, context(rest.sdkAppId))))
  return { ...rest, ...secrets, engine: engine as App['engine'] }
}

export async function listApps (db: Connection, tenantId: string): Promise<AppView[]> {
  return db.selectFrom('apps').select(viewColumns).where('tenantId', '=', tenantId).orderBy('sdkAppId').execute()
}

function context (sdkAppId: number): string { return `app:${sdkAppId}` }
