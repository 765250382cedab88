import { createHmac, timingSafeEqual } from 'node:crypto'

/** The `Sign` header of a TRTC callback: base64 of HMAC-SHA256 over the body's bytes; the key is used as text. */
export function signBody (rawBody: Uint8Array, key: string): string {
  return createHmac('sha256', key).update(rawBody).digest('base64')
}

/**
 * Checks a TRTC callback against its `Sign` header, in constant time. The body must be the bytes as received: TRTC indents its
 * JSON with tabs, so parsing and printing again changes them.
 * @see TRTC docs, Event Callbacks (document 39558)
 */
export function verifySign (rawBody: Uint8Array, sign: string, key: string): boolean {
  const expected = Buffer.from(signBody(rawBody, key))
  const given = Buffer.from(sign)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
