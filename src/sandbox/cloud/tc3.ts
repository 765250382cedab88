import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { ApiError } from './api-error.ts'

export interface Credential {
  secretId: string
  secretKey: string
  /** The token of temporary credentials, which each call must repeat as X-TC-Token. */
  token?: string
  /** The sub-account that the key belongs to. Keys of one sub-account share its limit of calls; a key without one has a limit of its own. */
  account?: string
}

export interface Tc3Request {
  method: string
  path: string
  /** The query as sent, without the question mark. */
  query: string
  headers: IncomingHttpHeaders
  body: Uint8Array
}

export interface Tc3Options {
  credentials: readonly Credential[]
  nowMs: number
  /**
   * Insists on the service `trtc`. The official client takes what stands before the first dot of the endpoint,
   * so for `127.0.0.1:9000` it signs for the service `127`.
   */
  strict: boolean
}

const algorithm = 'TC3-HMAC-SHA256'
const maxSkewSeconds = 300
const authorizationForm = new RegExp(`^${algorithm} Credential=([^/,\\s]+)/(\\d{4}-\\d\\d-\\d\\d)/([^/,\\s]+)/tc3_request,\\s*SignedHeaders=([a-z0-9;-]+),\\s*Signature=([0-9a-f]{64})$`)

/**
 * Verifies the signature of a Cloud API call.
 * @returns the credential it was signed with
 * @throws ApiError with one of TRTC's AuthFailure codes
 * @see Tencent Cloud docs, Signature v3 (document 1094/42143)
 */
export function verifyTc3 (request: Tc3Request, { credentials, nowMs, strict }: Tc3Options): Credential {
  const { headers } = request
  const parts = authorizationForm.exec(headers.authorization ?? '')
  if (parts === null) throw new ApiError('AuthFailure.InvalidAuthorization', 'Authorization is not of the form of TC3-HMAC-SHA256.')
  const [, secretId, date, service, signedHeaders, signature] = parts as unknown as [string, string, string, string, string, string]
  const names = signedHeaders.split(';')
  if (!names.includes('content-type') || !names.includes('host')) {
    throw new ApiError('AuthFailure.InvalidAuthorization', 'SignedHeaders must name content-type and host.')
  }

  const timestamp = header(headers, 'x-tc-timestamp')
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(nowMs / 1000 - Number(timestamp)) > maxSkewSeconds) {
    throw new ApiError('AuthFailure.SignatureExpire', 'X-TC-Timestamp is more than five minutes away from the server\'s time.')
  }
  if (date !== new Date(Number(timestamp) * 1000).toISOString().slice(0, 10)) {
    throw new ApiError('AuthFailure.SignatureFailure', 'The date of the credential is not that of X-TC-Timestamp in UTC.')
  }
  if (strict && service !== 'trtc') throw new ApiError('AuthFailure.SignatureFailure', 'The credential is for another service.')

  const credential = credentials.find((known) => known.secretId === secretId)
  if (credential === undefined) throw new ApiError('AuthFailure.SecretIdNotFound', 'The SecretId is not found.')
  if ((credential.token ?? '') !== header(headers, 'x-tc-token')) throw new ApiError('AuthFailure.TokenFailure', 'X-TC-Token is not that of the credential.')

  const host = header(headers, 'host')
  // the official client signs the host without its port, but sends it with the port
  const matches = [host, host.replace(/:\d+$/, '')].some((candidate) => {
    const expected = signTc3({ ...request, headers: { ...headers, host: candidate } }, { secretKey: credential.secretKey, timestamp, service, names })
    return timingSafeEqual(Buffer.from(expected), Buffer.from(signature))
  })
  if (!matches) throw new ApiError('AuthFailure.SignatureFailure', 'The provided credentials could not be validated. Please check your signature is correct.')
  return credential
}

interface Signing {
  secretKey: string
  timestamp: string
  service: string
  /** Headers to sign, in lower case. */
  names: readonly string[]
}

/** The hex signature of a call over the named headers. */
export function signTc3 (request: Tc3Request, { secretKey, timestamp, service, names }: Signing): string {
  const canonicalHeaders = names.map((name) => `${name}:${header(request.headers, name).trim().toLowerCase()}\n`).join('')
  const canonical = [request.method, request.path, request.query, canonicalHeaders, names.join(';'), sha256(request.body)].join('\n')
  const date = new Date(Number(timestamp) * 1000).toISOString().slice(0, 10)
  const text = [algorithm, timestamp, `${date}/${service}/tc3_request`, sha256(canonical)].join('\n')
  const key = [date, service, 'tc3_request'].reduce<string | Buffer>((parent, part) => hmac(parent, part).digest(), `TC3${secretKey}`)
  return hmac(key, text).digest('hex')
}

function header (headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name]
  return typeof value === 'string' ? value : ''
}

function sha256 (data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}

function hmac (key: string | Buffer, data: string) {
  return createHmac('sha256', key).update(data)
}
