import { createHmac, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { hostInUrl } from '../core/networks.ts'

/** What a receiver says to a callback: an answer, nothing at all until the caller gives up, or a broken connection. */
export type Reply = { status: number, headers?: Record<string, string>, body?: string } | 'stall' | 'reset'

/** `unsigned`: the callback has none of the three headers; `unchecked`: the receiver has no secrets to check with. */
type SignatureState = 'valid' | 'invalid' | 'stale' | 'unsigned' | 'unchecked'

/** One attempt to deliver one callback, as it came. */
export interface ReceivedAttempt {
  /** `webhook-id`, or '' without one. */
  id: string
  receivedMs: number
  headers: IncomingHttpHeaders
  raw: Buffer
  /** The JSON in it, undefined when it is not JSON. */
  body: unknown
  signature: SignatureState
  reply: Reply
  /** An attempt of this id was accepted before. */
  duplicate: boolean
}

export interface ReceiverOptions {
  host?: string
  /** 0: any that is free. */
  port?: number
  /** `whsec_…`; with any, callbacks that none of them signed are answered 401. */
  secrets?: readonly string[]
  /** Decides what to say to a callback whose signature is valid or unchecked; without it the receiver says 200. */
  respond?: (attempt: Omit<ReceivedAttempt, 'reply'>) => Reply
}

interface Waiting {
  matches: (attempt: ReceivedAttempt) => boolean
  resolve: (attempt: ReceivedAttempt) => void
}

const maxSkewSeconds = 300
const maxAttempts = 10_000

/** Starts a receiver of callbacks, as a tenant would have one. */
export async function startReceiver (options: ReceiverOptions = {}): Promise<Receiver> {
  const receiver = new Receiver(options)
  await receiver.listen()
  return receiver
}

export class Receiver {
  readonly #options: ReceiverOptions
  readonly #secrets: Buffer[]
  readonly #server: Server
  readonly #attempts: ReceivedAttempt[] = []
  /** Accepted attempts that no `next` has taken yet, oldest first. */
  readonly #fresh: ReceivedAttempt[] = []
  readonly #accepted = new Set<string>()
  readonly #waiting = new Set<Waiting>()
  readonly #replies: Reply[] = []
  #url = ''

  constructor (options: ReceiverOptions) {
    this.#options = options
    this.#secrets = (options.secrets ?? []).map(keyOf)
    this.#server = createServer((request, response) => {
      // a caller that hangs up in the middle of its body delivered nothing
      this.#receive(request, response).catch((error: unknown) => response.destroy(error as Error))
    })
  }

  get url (): string { return this.#url }

  async listen (): Promise<void> {
    const { host = '127.0.0.1', port = 0 } = this.#options
    this.#server.listen(port, host)
    await once(this.#server, 'listening')
    this.#url = `http://${hostInUrl(host)}:${(this.#server.address() as AddressInfo).port}/callbacks`
  }

  /** The latest attempts, refused and repeated ones too, oldest first. */
  attempts (): readonly ReceivedAttempt[] {
    return this.#attempts
  }

  /** Takes signatures of one more secret from now on. */
  trust (secret: string): void {
    this.#secrets.push(keyOf(secret))
  }

  /** The next `times` attempts get this reply, whatever they hold. */
  replyNext (reply: Reply, times = 1): void {
    this.#replies.push(...Array<Reply>(times).fill(reply))
  }

  /** The first accepted callback, come or to come, that is so. Each is given once, however often it is sent. */
  async next (matches: (attempt: ReceivedAttempt) => boolean, { signal }: { signal: AbortSignal }): Promise<ReceivedAttempt> {
    signal.throwIfAborted()
    const index = this.#fresh.findIndex(matches)
    const [found] = index < 0 ? [] : this.#fresh.splice(index, 1)
    if (found !== undefined) return found
    const { promise, resolve, reject } = Promise.withResolvers<ReceivedAttempt>()
    const waiting = { matches, resolve }
    this.#waiting.add(waiting)
    const give = () => reject(signal.reason as Error)
    signal.addEventListener('abort', give, { once: true })
    return promise.finally(() => {
      this.#waiting.delete(waiting)
      signal.removeEventListener('abort', give)
    })
  }

  async close (): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  async #receive (request: IncomingMessage, response: ServerResponse): Promise<void> {
    const receivedMs = Date.now()
    const raw = await buffer(request)
    const id = headerOf(request.headers, 'webhook-id')
    const signature = this.#secrets.length === 0 ? 'unchecked' : checkSignature(request.headers, raw, this.#secrets, receivedMs)
    const seen = { id, receivedMs, headers: request.headers, raw, body: parseJson(raw), signature, duplicate: this.#accepted.has(id) }
    const attempt: ReceivedAttempt = { ...seen, reply: this.#replies.shift() ?? this.#replyTo(seen) }
    this.#attempts.push(attempt)
    if (this.#attempts.length > maxAttempts) this.#attempts.shift()
    answer(response, attempt.reply)
    if (typeof attempt.reply === 'string' || attempt.reply.status < 200 || attempt.reply.status > 299 || attempt.duplicate) return
    if (id !== '') this.#accepted.add(id)
    for (const waiting of this.#waiting) {
      if (!waiting.matches(attempt)) continue
      this.#waiting.delete(waiting)
      waiting.resolve(attempt)
      return
    }
    this.#fresh.push(attempt)
    if (this.#fresh.length > maxAttempts) this.#fresh.shift()
  }

  #replyTo (attempt: Omit<ReceivedAttempt, 'reply'>): Reply {
    if (attempt.signature !== 'valid' && attempt.signature !== 'unchecked') return { status: 401 }
    return this.#options.respond?.(attempt) ?? { status: 200 }
  }
}

/** Checks the headers `webhook-id`, `webhook-timestamp` and `webhook-signature`. @see the Standard Webhooks specification, "Verifying signatures" */
function checkSignature (headers: IncomingHttpHeaders, raw: Buffer, secrets: readonly Buffer[], nowMs: number): SignatureState {
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => headerOf(headers, name)) as [string, string, string]
  if (id === '' && timestamp === '' && signatures === '') return 'unsigned'
  const given = signatures.split(' ').filter((entry) => entry.startsWith('v1,')).map((entry) => Buffer.from(entry.slice(3)))
  const signed = secrets.some((secret) => {
    const expected = Buffer.from(createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(raw).digest('base64'))
    return given.some((entry) => entry.length === expected.length && timingSafeEqual(entry, expected))
  })
  if (!signed || !/^\d{1,12}$/.test(timestamp)) return 'invalid'
  return Math.abs(nowMs / 1000 - Number(timestamp)) > maxSkewSeconds ? 'stale' : 'valid'
}

function answer (response: ServerResponse, reply: Reply): void {
  if (reply === 'reset') response.destroy()
  else if (reply !== 'stall') response.writeHead(reply.status, reply.headers).end(reply.body)
}

function keyOf (secret: string): Buffer {
  return Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
}

function headerOf (headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name]
  return typeof value === 'string' ? value : ''
}

function parseJson (raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString())
  } catch {
    return undefined // the receiver takes anything, and says so
  }
}
