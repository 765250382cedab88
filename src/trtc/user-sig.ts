import { createHmac, timingSafeEqual } from 'node:crypto'
import { deflateSync, inflateSync } from 'node:zlib'

export interface UserSigOwner {
  sdkAppId: number
  /** The app's SDK secret key: looks like hex, used as text. */
  secretKey: string
  userId: string
  /** Unix milliseconds. */
  nowMs: number
}

/** Why a UserSig is not good; reads well after "UserSig is". */
export type UserSigFault = 'malformed' | 'for another app' | 'for another user' | 'signed with another key' | 'expired'

interface Claims {
  userId: string
  sdkAppId: number
  /** Unix seconds. */
  time: number
  /** Seconds since `time`. */
  expire: number
  /** Base64, as it stands in the JSON; only in a PrivateMapKey. */
  userBuf?: string
}

/** Longest token that is opened. A few hundred bytes are usual, with a PrivateMapKey's buffer less than 1 kB: more is an attack. */
const maxTokenLength = 4096
const maxJsonBytes = 4096

/**
 * Makes a UserSig (TLSSigAPIv2). Two for the same claims need not be equal as text: zlib builds differ.
 * @see TRTC docs, UserSig (document 35166)
 */
export function mintUserSig ({ sdkAppId, secretKey, userId, expireSeconds, nowMs }: UserSigOwner & { expireSeconds: number }): string {
  const claims: Claims = { userId, sdkAppId, time: Math.floor(nowMs / 1000), expire: expireSeconds }
  const json = JSON.stringify({
    'TLS.ver': '2.0',
    'TLS.identifier': userId,
    'TLS.sdkappid': sdkAppId,
    'TLS.time': claims.time,
    'TLS.expire': claims.expire,
    'TLS.sig': hmacOf(claims, secretKey).toString('base64')
  })
  return deflateSync(json).toString('base64').replaceAll('+', '*').replaceAll('/', '-').replaceAll('=', '_')
}

/**
 * Says what is wrong with a UserSig, or nothing. It may be issued in the future: TRTC names no tolerance, and clocks differ.
 * A good one cannot be recognised by its text, only by its signature.
 */
export function checkUserSig (sig: string, { sdkAppId, secretKey, userId, nowMs }: UserSigOwner): UserSigFault | undefined {
  const opened = open(sig)
  if (opened === undefined) return 'malformed'
  const { claims, signature } = opened
  if (claims.sdkAppId !== sdkAppId) return 'for another app'
  if (claims.userId !== userId) return 'for another user'
  const expected = hmacOf(claims, secretKey)
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) return 'signed with another key'
  return Math.floor(nowMs / 1000) > claims.time + claims.expire ? 'expired' : undefined
}

function hmacOf ({ userId, sdkAppId, time, expire, userBuf }: Claims, secretKey: string): Buffer {
  const text = `TLS.identifier:${userId}\nTLS.sdkappid:${sdkAppId}\nTLS.time:${time}\nTLS.expire:${expire}\n` +
    (userBuf === undefined ? '' : `TLS.userbuf:${userBuf}\n`)
  return createHmac('sha256', secretKey).update(text).digest()
}

function open (sig: string): { claims: Claims, signature: Buffer } | undefined {
  if (sig.length > maxTokenLength || !/^[\w*-]+$/.test(sig)) return undefined
  const packed = Buffer.from(sig.replaceAll('*', '+').replaceAll('-', '/').replaceAll('_', '='), 'base64')
  let json: unknown
  try {
    json = JSON.parse(inflateSync(packed, { maxOutputLength: maxJsonBytes }).toString())
  } catch {
    return undefined // not zlib, too large when inflated, or not JSON: all the same to the caller
  }
  if (typeof json !== 'object' || json === null) return undefined
  const token = json as Partial<Record<string, unknown>>
  const { 'TLS.identifier': userId, 'TLS.sdkappid': sdkAppId, 'TLS.time': time, 'TLS.expire': expire, 'TLS.userbuf': userBuf, 'TLS.sig': signature } = token
  if (token['TLS.ver'] !== '2.0' || typeof userId !== 'string' || typeof signature !== 'string') return undefined
  if (!isCount(sdkAppId) || !isCount(time) || !isCount(expire)) return undefined
  if (userBuf !== undefined && typeof userBuf !== 'string') return undefined
  const claims: Claims = { userId, sdkAppId, time, expire, ...(userBuf === undefined ? {} : { userBuf }) }
  return { claims, signature: Buffer.from(signature, 'base64') }
}

function isCount (value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
