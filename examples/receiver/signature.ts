import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

const maxSkewSeconds = 300

/**
 * The keys of one or more secrets, with spaces between: a receiver of several endpoints has one of each. After the prefix a secret is base64: its
 * bytes are the key, not its text.
 */
export function keysOf (secrets: string): Buffer[] {
  const texts = secrets.split(/\s+/).filter((text) => text !== '')
  if (texts.length === 0 || !texts.every((text) => text.startsWith('whsec_'))) {
    throw new Error('CALLBACK_SECRET must be the whsec_… that was shown when the tenant or the endpoint was made')
  }
  return texts.map((text) => Buffer.from(text.slice('whsec_'.length), 'base64'))
}

/** Whether these bytes were signed with one of the keys, at most five minutes ago. @see https://www.standardwebhooks.com */
export function isGenuine (headers: IncomingHttpHeaders, body: Buffer, keys: readonly Buffer[]): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') return false
  if (!/^\d+$/.test(timestamp) || Math.abs(Date.now() / 1000 - Number(timestamp)) > maxSkewSeconds) return false
  const given = signatures.split(' ').map((signature) => Buffer.from(signature))
  return keys.some((key) => {
    const expected = Buffer.from(`v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`)
    return given.some((signature) => signature.length === expected.length && timingSafeEqual(signature, expected))
  })
}
