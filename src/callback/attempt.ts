import { errors, request, type Dispatcher } from 'undici'
import type { Clock } from '../core/clock.ts'
import { RoomtapeError } from '../core/errors.ts'
import { parseRetryAfter } from './schedule.ts'
import { signCallback } from './signature.ts'

export interface AttemptRequest {
  url: string
  /** Id of the event, the same on every attempt: receivers deduplicate by it. */
  id: string
  /** JSON, exactly as it is signed and sent. */
  body: Uint8Array
  /** `whsec_…`, newest first. */
  secrets: readonly string[]
  /** The endpoint's own; ours come on top. */
  headers?: Readonly<Record<string, string>> | undefined
  /** Number of this attempt, from 1. */
  attempt: number
  /** Longest time for everything up to the end of the answer; 15 s by default. */
  totalMs?: number
}

export interface AttemptOptions {
  /** A `guardedDispatcher`; it also limits the time to connect. */
  dispatcher: Dispatcher
  signal: AbortSignal
  clock: Clock
  /** `User-Agent`: product and version. */
  userAgent: string
}

/** The excerpt of an answer that is kept for the tenant to see. */
interface ResponseExcerpt {
  status: number
  /** Only those that help to find a fault and hold no secret. */
  headers: Record<string, string>
  /** The first 8 kB; empty when it is not text. */
  body: string
  /** Whether there was more than is kept, or the answer broke off. */
  cut: boolean
}

/** Why no answer came. */
type NetworkReason = 'dns' | 'refused' | 'reset' | 'unreachable' | 'tls' | 'timeout_connect' | 'timeout_total' | 'protocol' | 'failed'
type StatusReason = 'redirect' | 'client_error' | 'rate_limited' | 'server_error' | 'overloaded'

/** What came of one attempt and what to do next: nothing, another attempt by schedule, or none ever again. */
export type AttemptOutcome =
  | { outcome: 'delivered', durationMs: number, response: ResponseExcerpt }
  | { outcome: 'retry', reason: StatusReason, durationMs: number, response: ResponseExcerpt, retryAfterMs?: number }
  | { outcome: 'retry', reason: NetworkReason, durationMs: number, retryAfterMs?: number }
  | { outcome: 'dead', reason: 'gone' | 'body_too_large', durationMs: number, response: ResponseExcerpt }
  /** Told without any detail, so that callbacks cannot be used to look around in our network. */
  | { outcome: 'dead', reason: 'blocked_target' }

const readLimitBytes = 64 * 1024
const keepLimitBytes = 8 * 1024
/** Least wait after a receiver ran out of time: it is probably overloaded. */
const retryAfterTimeoutMs = 60_000
/** How long the rest of an answer is waited for, once its status line has decided. */
const excerptMs = 1_000
const keptHeaders = ['retry-after', 'content-type', 'server', 'date', 'x-request-id']

/**
 * One signed POST. Redirects are not followed, the answer is not decompressed, and its status line alone decides:
 * a receiver that said 2xx has the callback, whatever becomes of the rest of its answer.
 * @throws the reason of `signal` when that ended the attempt: then nothing is known of the delivery; TypeError when it cannot be signed
 */
export async function attempt (callback: AttemptRequest, { dispatcher, signal, clock, userAgent }: AttemptOptions): Promise<AttemptOutcome> {
  signal.throwIfAborted()
  const { url, id, body, secrets, totalMs = 15_000 } = callback
  const timestampSeconds = Math.floor(clock.now() / 1_000)
  const headers = {
    ...callback.headers,
    'content-type': 'application/json',
    'user-agent': userAgent,
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': signCallback({ id, timestampSeconds, body, secrets }),
    'x-attempt': String(callback.attempt)
  }
  const timeout = AbortSignal.timeout(totalMs)
  const startedMs = performance.now()
  const durationMs = (): number => Math.round(performance.now() - startedMs)

  let response: Dispatcher.ResponseData
  try {
    response = await request(url, { dispatcher, method: 'POST', headers, body, signal: AbortSignal.any([signal, timeout]) })
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof RoomtapeError && error.error === 'CALLBACK_DENIED') return { outcome: 'dead', reason: 'blocked_target' }
    const reason = timeout.aborted ? 'timeout_total' : networkReasonOf(error)
    const retryAfter = reason === 'timeout_total' || reason === 'timeout_connect' ? { retryAfterMs: retryAfterTimeoutMs } : {}
    return { outcome: 'retry', reason, durationMs: durationMs(), ...retryAfter }
  }
  const excerpt = await readExcerpt(response)
  return judge(excerpt, durationMs(), clock.now())
}

function judge (response: ResponseExcerpt, durationMs: number, nowMs: number): AttemptOutcome {
  const { status, headers } = response
  if (status >= 200 && status < 300) return { outcome: 'delivered', durationMs, response }
  if (status === 410) return { outcome: 'dead', reason: 'gone', durationMs, response }
  if (status === 413) return { outcome: 'dead', reason: 'body_too_large', durationMs, response }

  const reason = statusReasonOf(status)
  const mayAskForTime = reason === 'rate_limited' || reason === 'overloaded'
  const retryAfterMs = mayAskForTime && headers['retry-after'] !== undefined ? parseRetryAfter(headers['retry-after'], nowMs) : undefined
  return { outcome: 'retry', reason, durationMs, response, ...retryAfterMs !== undefined && { retryAfterMs } }
}

function statusReasonOf (status: number): StatusReason {
  if (status < 400) return 'redirect'
  if (status === 429) return 'rate_limited'
  if (status < 500) return 'client_error'
  return status === 502 || status === 503 || status === 504 ? 'overloaded' : 'server_error'
}

async function readExcerpt ({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<ResponseExcerpt> {
  const kept: Buffer[] = []
  let readBytes = 0
  let complete = false
  const timer = setTimeout(() => { body.destroy() }, excerptMs)
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      if (readBytes < keepLimitBytes) kept.push(chunk.subarray(0, keepLimitBytes - readBytes))
      readBytes += chunk.length
      if (readBytes > readLimitBytes) break
    }
    complete = readBytes <= keepLimitBytes
  } catch {
    // the status line has decided already; that the rest is missing is said by `cut`
  } finally {
    clearTimeout(timer)
  }
  return { status: statusCode, headers: keepHeaders(headers), body: textOf(Buffer.concat(kept), complete), cut: !complete }
}

function keepHeaders (headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const pairs = keptHeaders.flatMap((name) => {
    const value = headers[name]
    return value === undefined ? [] : [[name, String(value)]]
  })
  return Object.fromEntries(pairs) as Record<string, string>
}

/** UTF-8 without NUL, which PostgreSQL cannot store; '' for anything else. A character cut in half at the end is dropped. */
function textOf (bytes: Buffer, complete: boolean): string {
  if (bytes.includes(0)) return ''
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: !complete })
  } catch {
    // not text: nothing of it is kept
    return ''
  }
}

/** `failed`: by nothing that has a name here; an attempt it was all the same. */
function networkReasonOf (error: unknown): NetworkReason {
  if (error instanceof errors.HTTPParserError) return 'protocol'
  const code = codeOf(error)
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') return 'timeout_connect'
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') return 'timeout_total'
  if (code === 'ENOTFOUND' || code.startsWith('EAI_')) return 'dns'
  if (code === 'ECONNREFUSED') return 'refused'
  if (['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'UND_ERR_SOCKET'].includes(code)) return 'reset'
  if (code === 'UND_ERR_HEADERS_OVERFLOW' || code.startsWith('UND_ERR_RES_')) return 'protocol'
  if (/^(ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_|HOSTNAME_|PATH_)/.test(code)) return 'tls'
  if (['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN', 'EADDRNOTAVAIL', 'EACCES', 'EPERM'].includes(code)) return 'unreachable'
  return code.startsWith('UND_ERR_') ? 'protocol' : 'failed'
}

function codeOf (error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
