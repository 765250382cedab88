import { RoomtapeError } from '../core/errors.ts'
import type { CosTarget, StoreTarget } from '../core/store-target.ts'
import { openCosStore, type CosStoreOptions } from './cos/cos-store.ts'
import { fixedCredentials, type CredentialSource } from './credentials.ts'
import { openLocalStore } from './local-store.ts'
import type { ObjectStore } from './object-store.ts'

export interface OpenStoreOptions {
  /** For a bucket whose target has no keys. One for the process, since it keeps what it was given. */
  role: CredentialSource
  cos?: Omit<CosStoreOptions, 'credentials'>
}

/** @throws RoomtapeError STORE_DENIED */
export function openStore (target: StoreTarget, { role, cos }: OpenStoreOptions): ObjectStore {
  switch (target.kind) {
    case 'cos': return openCosStore(target, { ...cos, credentials: credentialsOf(target) ?? role })
    case 'local': return openLocalStore(target)
    default: return target satisfies never
  }
}

function credentialsOf ({ bucket, secretId, secretKey, securityToken }: CosTarget): CredentialSource | undefined {
  if (secretId === undefined && secretKey === undefined) return undefined
  if (!secretId || !secretKey) {
    throw new RoomtapeError('STORE_DENIED', `bucket '${bucket}' needs SecretId and SecretKey, or neither to use the running role`)
  }
  return fixedCredentials(securityToken ? { secretId, secretKey, securityToken } : { secretId, secretKey })
}
