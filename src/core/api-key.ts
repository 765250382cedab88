import { createHash, randomInt, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** What a key may be allowed to do. */
export const scopes = ['recordings:read', 'recordings:write', 'endpoints:read', 'endpoints:write', 'deliveries:replay'] as const
export type Scope = typeof scopes[number]

type KeyEnvironment = 'live' | 'test'

/** A key just made. `key` is shown once and never stored; the rest is what is kept of it. */
export interface NewApiKey {
  key: string
  /** Public, unique, safe to log. */
  keyId: string
  hash: string
  lastFour: string
}

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const form = /^(rt_(?:live|test)_([0-9A-Za-z]{10})_[0-9A-Za-z]{32})([0-9A-Za-z]{6})$/

/** `rt_<environment>_<keyId: 10>_<secret: 32, 190 bits><check: 6>`, all base62; one double-click selects the whole of it. */
export function createApiKey (environment: KeyEnvironment = 'live'): NewApiKey {
  const keyId = randomBase62(10)
  const body = `rt_${environment}_${keyId}_${randomBase62(32)}`
  const key = body + checkOf(body)
  return { key, keyId, hash: hashApiKey(key), lastFour: key.slice(-4) }
}

/** The id inside a well-formed key; undefined for anything else, so that a typo costs no look-up. Proves nothing yet. */
export function parseApiKey (text: string): { keyId: string } | undefined {
  const [, body, keyId, check] = form.exec(text) ?? []
  return body !== undefined && keyId !== undefined && checkOf(body) === check ? { keyId } : undefined
}

/** SHA-256 in lower-case hex. A slow password hash would add nothing to 190 random bits. */
export function hashApiKey (key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

/** Whether `key` is the one `hash` was made of, in a time that does not tell where they differ. */
export function matchesHash (key: string, hash: string): boolean {
  const actual = Buffer.from(hashApiKey(key))
  const expected = Buffer.from(hash)
  return actual.length === expected.length && timingSafeEqual(actual, expected)
}

/** CRC-32 in six base62 digits: finds typos and lets scanners know a leaked key, secures nothing. */
function checkOf (body: string): string {
  let rest = crc32(body)
  let digits = ''
  for (let i = 0; i < 6; i++) {
    digits = alphabet.charAt(rest % 62) + digits
    rest = Math.floor(rest / 62)
  }
  return digits
}

function randomBase62 (length: number): string {
  return Array.from({ length }, () => alphabet.charAt(randomInt(62))).join('')
}
