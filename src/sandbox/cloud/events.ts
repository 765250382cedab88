import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import type { Clock } from '../../core/clock.ts'
import { messageOf } from '../../core/errors.ts'
import { signBody } from '../../trtc/sign.ts'

/** How long TRTC waits for an answer, waits between two attempts, and tries before it drops an event. */
export interface CallbackTimings {
  timeoutMs: number
  retryMs: number
  maxAgeMs: number
}

export const trtcCallbackTimings: CallbackTimings = { timeoutMs: 5_000, retryMs: 10_000, maxAgeMs: 60_000 }

export interface CallbackEvent {
  EventGroupId: number
  EventType: number
  CallbackTs: number
  EventInfo: Record<string, unknown>
}

/** How often and when an event is sent: `late` means after the next event of its app, `never` that it is lost. */
export type Fate = 'once' | 'twice' | 'late' | 'never'

/** One attempt to deliver one event. */
export interface Delivery {
  event: CallbackEvent
  sdkAppId: number
  url: string
  /** Which attempt of this event it was, counted from 1. */
  attempt: number
  startedMs: number
  outcome: 'answered' | 'timeout' | 'unreachable' | 'refused' | 'answer too large'
  /** HTTP status; undefined when no answer came. */
  status?: number
  message?: string
}

export interface EventSenderOptions {
  sdkAppId: number
  callbackKey: string
  clock: Clock
  timings: CallbackTimings
  fate: (event: CallbackEvent) => Fate
  /** A new CallbackTs, and so a new Sign, with every attempt: TRTC does not say whether it does so. */
  restamp: boolean
  /** Takes answers of 2000 bytes and more for failures. */
  strict: boolean
  /** Tries an event again only when no answer came: TRTC does not say that it tries again after an answer other than 200. */
  anyAnswerEnds: boolean
  onDelivery: (delivery: Delivery) => void
}

const maxAnswerBytes = 2_000
/** How long an event waits for the first attempt of the event before it, so that events arrive in order when the receiver is quick. */
const orderlyMs = 200

/** Sends the event callbacks of one app as TRTC does: signed over the exact bytes, tried again for a minute, then forgotten. */
export class EventSender {
  callbackUrl: string | undefined
  readonly #options: EventSenderOptions
  readonly #agent = new Agent()
  readonly #abort = new AbortController()
  readonly #sending = new Set<Promise<void>>()
  #previous: Promise<unknown> = Promise.resolve()
  #late: CallbackEvent[] = []

  constructor (options: EventSenderOptions) {
    this.#options = options
  }

  /** Sends an event that happens now; without a callback URL it goes nowhere. */
  send (type: number, info: Record<string, unknown>): void {
    if (this.#abort.signal.aborted) return
    const event = { EventGroupId: Math.floor(type / 100), EventType: type, CallbackTs: this.#options.clock.now(), EventInfo: info }
    const fate = this.#options.fate(event)
    if (fate === 'late') {
      this.#late.push(event)
      return
    }
    const late = this.#late.splice(0)
    if (fate !== 'never') this.#start(event)
    if (fate === 'twice') this.#start(event)
    for (const held of late) this.#start(held)
  }

  /** Resolves when every event that was sent has been answered or dropped. */
  async settled (): Promise<void> {
    while (this.#sending.size > 0) await Promise.all(this.#sending)
  }

  async close (): Promise<void> {
    this.#abort.abort()
    await this.settled()
    await this.#agent.destroy()
  }

  #start (event: CallbackEvent): void {
    const url = this.callbackUrl
    if (url === undefined) return
    const { promise: firstDone, resolve } = Promise.withResolvers<unknown>()
    const before = Promise.race([this.#previous, sleep(orderlyMs, undefined, { signal: this.#abort.signal })])
    this.#previous = firstDone
    const sending = before.then(() => this.#deliver(event, url, resolve)).catch((error: unknown) => {
      if (!this.#abort.signal.aborted) throw error
    }).finally(() => {
      resolve(undefined)
      this.#sending.delete(sending)
    })
    this.#sending.add(sending)
  }

  async #deliver (event: CallbackEvent, url: string, firstDone: (value: unknown) => void): Promise<void> {
    const { timings, restamp, anyAnswerEnds, clock } = this.#options
    const begun = performance.now()
    for (let attempt = 1; performance.now() - begun <= timings.maxAgeMs; attempt++) {
      const now = restamp && attempt > 1 ? { ...event, CallbackTs: clock.now() } : event
      const delivery = await this.#attempt(now, url, attempt)
      this.#options.onDelivery(delivery)
      firstDone(undefined)
      if (delivery.outcome === 'answered' || (anyAnswerEnds && delivery.status !== undefined)) return
      if (attempt > 1) await sleep(timings.retryMs, undefined, { signal: this.#abort.signal })
    }
  }

  async #attempt (event: CallbackEvent, url: string, attempt: number): Promise<Delivery> {
    const { sdkAppId, callbackKey, strict, timings, clock } = this.#options
    const body = Buffer.from(printJson(event))
    const delivery = { event, sdkAppId, url, attempt, startedMs: clock.now() }
    const timeout = AbortSignal.timeout(timings.timeoutMs)
    try {
      const answer = await request(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Sign: signBody(body, callbackKey), SdkAppId: String(sdkAppId) },
        body,
        dispatcher: this.#agent,
        signal: AbortSignal.any([this.#abort.signal, timeout])
      })
      const text = await answer.body.text()
      const status = answer.statusCode
      if (status !== 200) return { ...delivery, outcome: 'refused', status }
      const headers = Object.entries(answer.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`).join('')
      const tooLarge = strict && 'HTTP/1.1 200 OK\r\n\r\n'.length + headers.length + Buffer.byteLength(text) >= maxAnswerBytes
      return { ...delivery, outcome: tooLarge ? 'answer too large' : 'answered', status }
    } catch (error) {
      this.#abort.signal.throwIfAborted()
      return { ...delivery, outcome: timeout.aborted ? 'timeout' : 'unreachable', message: messageOf(error) }
    }
  }
}

/** JSON as TRTC prints it: real newlines, tabs before members and after colons. */
export function printJson (value: unknown, indent = ''): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const deeper = `${indent}\t`
  if (Array.isArray(value)) return `[${value.map((item) => printJson(item, deeper)).join(', ')}]`
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return `{\n${members.map(([name, member]) => `${deeper}${JSON.stringify(name)}:\t${printJson(member, deeper)}`).join(',\n')}\n${indent}}`
}
