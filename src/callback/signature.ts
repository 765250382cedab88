import { createHmac, createSecretKey, randomBytes, type KeyObject } from 'node:crypto'

const prefix = 'whsec_'

export interface CallbackToSign {
  /** The same on every attempt; letters, digits, `_` and `-` only. */
  id: string
  /** Unix seconds of this attempt. */
  timestampSeconds: number
  /** The exact bytes that go on the wire. */
  body: Uint8Array
  /** `whsec_…`, every one still valid, newest first. */
  secrets: readonly string[]
}

/** A new signing secret: `whsec_` and 32 random bytes in base64. */
export function mintSecret (): string {
  return prefix + randomBytes(32).toString('base64')
}

/**
 * The value of `webhook-signature`: one `v1,<base64>` for each secret, so that receivers change secrets when it suits them.
 * @throws TypeError when id or a secret cannot be signed with; the secret is not in the message
 * @see Standard Webhooks 1.0.0
 */
export function signCallback ({ id, timestampSeconds, body, secrets }: CallbackToSign): string {
  // `.` separates the signed parts, so within the id it would let two callbacks share one signature
  if (!/^[\w-]+$/.test(id)) throw new TypeError(`callback id '${id}' may hold only letters, digits, '_' and '-'`)
  if (secrets.length === 0) throw new TypeError(`callback ${id} has no secret to sign with`)
  return secrets.map((secret) => {
    const hmac = createHmac('sha256', keyOf(secret)).update(`${id}.${timestampSeconds}.`).update(body)
    return `v1,${hmac.digest('base64')}`
  }).join(' ')
}

/** As a KeyObject: with bytes `createHmac` takes three times as long. */
function keyOf (secret: string): KeyObject {
  const text = secret.startsWith(prefix) ? secret.slice(prefix.length) : ''
  const key = Buffer.from(text, 'base64')
  if (key.toString('base64') !== text || key.length < 24 || key.length > 64) {
    throw new TypeError(`a callback secret must be '${prefix}' and 24 to 64 bytes in base64`)
  }
  return createSecretKey(key)
}
