import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { Refusal } from './refusal.ts'

/** A key pair that requests may be signed with. */
export interface CosCredential {
  secretId: string
  secretKey: string
  /** The token of temporary keys, which every request has to repeat. */
  securityToken?: string
  /** When temporary keys end, Unix milliseconds. */
  expiresAtMs?: number
  /** The credential may touch only keys that begin with this. */
  prefix?: string
}

/** The parts of a request that a signature speaks about. */
export interface SignedRequest {
  method: string
  /** The object's key, decoded, without the bucket. */
  key: string
  query: ReadonlyMap<string, string>
  headers: Readonly<Record<string, string | string[] | undefined>>
}

interface SignatureFields {
  secretId: string
  keyTime: string
  headerList: readonly string[]
  paramList: readonly string[]
  signature: string
}

const maxSkewSeconds = 15 * 60

/**
 * Checks the `q-sign-algorithm=sha1` signature of a request, in its header or in its URL.
 * @returns the credential it was signed with; undefined for a request that is not signed at all
 */
export function verifySignature (
  request: SignedRequest, credentialOf: (secretId: string) => CosCredential | undefined, nowMs: number
): CosCredential | undefined {
  const fields = readFields(request)
  if (fields === undefined) return undefined
  const credential = credentialOf(fields.secretId)
  if (credential === undefined) throw new Refusal('InvalidAccessKeyId')
  checkToken(request, credential, nowMs)
  checkWindow(fields.keyTime, nowMs)
  const format = formatString(request, fields.headerList, fields.paramList)
  const toSign = stringToSign(fields.keyTime, format)
  const expected = Buffer.from(signature(credential.secretKey, fields.keyTime, toSign))
  const given = Buffer.from(fields.signature)
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) {
    // COS gives both too, so that a client can compare them with its own
    throw new Refusal('SignatureDoesNotMatch', undefined, { StringToSign: toSign, FormatString: format })
  }
  return credential
}

function readFields ({ headers, query }: SignedRequest): SignatureFields | undefined {
  const { authorization } = headers
  const values = typeof authorization === 'string' ? new Map(authorization.split('&').map(splitOnce)) : query
  const field = (name: string): string => values.get(name) ?? ''
  if (!values.has('q-signature')) return undefined
  if (field('q-sign-algorithm') !== 'sha1' || field('q-sign-time') !== field('q-key-time')) {
    throw new Refusal('AccessDenied', 'The signature is not of a known form.')
  }
  return {
    secretId: field('q-ak'),
    keyTime: field('q-key-time'),
    headerList: field('q-header-list').split(';').filter(Boolean),
    paramList: field('q-url-param-list').split(';').filter(Boolean),
    signature: field('q-signature')
  }
}

function splitOnce (pair: string): [string, string] {
  const equals = pair.indexOf('=')
  return [pair.slice(0, equals), pair.slice(equals + 1)]
}

function checkToken ({ headers, query }: SignedRequest, { securityToken, expiresAtMs }: CosCredential, nowMs: number): void {
  const given = headers['x-cos-security-token'] ?? query.get('x-cos-security-token')
  if (given !== securityToken) throw new Refusal('InvalidAccessKeyId')
  if (expiresAtMs !== undefined && nowMs >= expiresAtMs) throw new Refusal('ExpiredToken')
}

function checkWindow (keyTime: string, nowMs: number): void {
  const match = /^(\d{1,10});(\d{1,10})$/.exec(keyTime)
  if (match === null) throw new Refusal('AccessDenied', 'The signature has no valid time.')
  const nowSeconds = nowMs / 1_000
  if (Number(match[1]) > nowSeconds + maxSkewSeconds) throw new Refusal('RequestTimeTooSkewed')
  // the SDK corrects its clock when it reads exactly these words
  if (Number(match[2]) < nowSeconds) throw new Refusal('AccessDenied', 'Request has expired')
}

/** The text of a request that is signed: COS calls it HttpString, and FormatString in a refusal. */
export function formatString ({ method, key, query, headers }: SignedRequest, headerList: readonly string[], paramList: readonly string[]): string {
  const params = new Map(Array.from(query, ([name, value]) => [encode(name).toLowerCase(), value]))
  const fields = new Map(Object.entries(headers).map(([name, value]) => [encode(name).toLowerCase(), String(value ?? '')]))
  return `${method.toLowerCase()}\n/${key}\n${canonical(paramList, params)}\n${canonical(headerList, fields)}\n`
}

function canonical (names: readonly string[], values: ReadonlyMap<string, string>): string {
  return names.map((name) => `${name}=${encode(values.get(name) ?? '')}`).join('&')
}

export function stringToSign (keyTime: string, format: string): string {
  return `sha1\n${keyTime}\n${createHash('sha1').update(format).digest('hex')}\n`
}

export function signature (secretKey: string, keyTime: string, toSign: string): string {
  // the first result is used as text, not as bytes
  const signKey = createHmac('sha1', secretKey).update(keyTime).digest('hex')
  return createHmac('sha1', signKey).update(toSign).digest('hex')
}

/** Escapes everything but A–Z a–z 0–9 - _ . ~, the slash too. */
function encode (text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}
