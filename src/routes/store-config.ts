import { Type, type Static } from 'typebox'
import { RoomtapeError } from '../core/errors.ts'
import type { StoreTarget } from '../core/store-target.ts'

const closed = { additionalProperties: false }

export const CosConfig = Type.Object({
  SecretId: Type.Optional(Type.String({ minLength: 1, maxLength: 1024, description: 'With SecretKey; both absent: the credentials of the running role, where the operator allows it.' })),
  SecretKey: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
  SecurityToken: Type.Optional(Type.String({ minLength: 1, maxLength: 4096, description: 'With temporary keys.' })),
  Region: Type.String({ pattern: '^[a-z0-9-]{1,32}$', examples: ['ap-guangzhou'] }),
  Bucket: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,48}-[0-9]{1,20}$', description: 'With its APPID.', examples: ['audio-1250000000'] }),
  Path: Type.Optional(Type.String({ maxLength: 400, pattern: '^[^\\u0000-\\u001f\\\\]*$', description: 'Folder of the bucket; `/` is its root.' }))
}, { ...closed, description: 'Bucket the files go to.' })
type CosConfig = Static<typeof CosConfig>

export const LocalStore = Type.Object({ Directory: Type.String({ pattern: '^/', maxLength: 1024, description: 'Folder of the node, absolute.' }) }, closed)

/** The path without slashes at either end. @throws RoomtapeError VALIDATION by the name of the member */
export function cosPath (path: string | undefined, member: string): string {
  const inner = (path ?? '').replace(/^\/+|\/+$/g, '')
  if (inner.split('/').some((segment) => segment === '.' || segment === '..')) throw new RoomtapeError('VALIDATION', `${member} must not hold '.' or '..'`)
  return inner
}

/** @param endpoint origin of a COS-compatible server in place of Tencent's */
export function cosTarget (config: CosConfig, endpoint: string | undefined): StoreTarget {
  const path = cosPath(config.Path, 'CosConfig.Path')
  return {
    kind: 'cos',
    region: config.Region,
    bucket: config.Bucket,
    path,
    ...config.SecretId && { secretId: config.SecretId },
    ...config.SecretKey && { secretKey: config.SecretKey },
    ...config.SecurityToken && { securityToken: config.SecurityToken },
    ...endpoint !== undefined && { endpoint }
  }
}

export function localTarget ({ Directory }: Static<typeof LocalStore>): StoreTarget {
  return { kind: 'local', directory: Directory, path: '' }
}
