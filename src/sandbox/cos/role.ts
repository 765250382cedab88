import { randomBytes } from 'node:crypto'
import type { Clock } from '../../core/clock.ts'
import type { CosCredential } from './signature.ts'

/** The role of the machine that this sandbox pretends to be. */
export interface CosRole {
  name: string
  lifetimeSeconds: number
}

export const metadataPath = '/latest/meta-data/cam/security-credentials/'

/** What the metadata service of a CVM answers: the role's name, or fresh keys for the role; undefined where it answers 404. */
export function answerMetadata (path: string, role: CosRole | undefined, clock: Clock, issue: (credential: CosCredential) => void): string | undefined {
  if (role === undefined) return undefined
  const asked = path.slice(metadataPath.length)
  if (asked === '') return role.name
  if (asked !== encodeURIComponent(role.name)) return undefined
  const credential = {
    secretId: `AKIDsandbox${randomBytes(12).toString('hex')}`,
    secretKey: randomBytes(16).toString('hex'),
    securityToken: randomBytes(48).toString('base64'),
    expiresAtMs: (Math.floor(clock.now() / 1_000) + role.lifetimeSeconds) * 1_000
  }
  issue(credential)
  return JSON.stringify({
    TmpSecretId: credential.secretId,
    TmpSecretKey: credential.secretKey,
    Token: credential.securityToken,
    ExpiredTime: credential.expiresAtMs / 1_000,
    Expiration: new Date(credential.expiresAtMs).toISOString(),
    Code: 'Success'
  })
}
