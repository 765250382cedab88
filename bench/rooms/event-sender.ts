import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { printJson, trtcCallbackTimings, type CallbackEvent } from '../../src/sandbox/cloud/events.ts'
import { signBody } from '../../src/trtc/sign.ts'

/** One POST of an event of a room. `sentMs`: Unix milliseconds; `taken`: it was answered with 200 in time. */
export interface EventAttempt { room: string, type: number, sentMs: number, latencyMs: number, taken: boolean }

/**
 * Sends events as TRTC does, signed over the indented JSON. The sandbox's sender has an app's events wait for one another; here only those of a
 * room do, so that rooms that end together are told of together.
 */
export class EventSender {
  url = ''
  readonly attempts: EventAttempt[] = []
  /** Events that nobody took within the time TRTC tries. */
  lost = 0
  /** A request that still waits for its connection is given up by the connection's own limit, no sooner. */
  readonly #agent = new Agent({ connect: { timeout: trtcCallbackTimings.timeoutMs } })
  readonly #rooms = new Map<string, Promise<void>>()

  /** Sends an event after those of its room. */
  send (room: string, event: CallbackEvent, app: { sdkAppId: number, callbackKey: string }): void {
    const before = this.#rooms.get(room) ?? Promise.resolve()
    this.#rooms.set(room, before.then(() => this.#deliver(room, event, app)))
  }

  async settled (): Promise<void> { await Promise.all(this.#rooms.values()) }

  async close (): Promise<void> { await this.#agent.destroy() }

  async #deliver (room: string, event: CallbackEvent, { sdkAppId, callbackKey }: { sdkAppId: number, callbackKey: string }): Promise<void> {
    const body = Buffer.from(printJson(event))
    const headers = { 'Content-Type': 'application/json', Sign: signBody(body, callbackKey), SdkAppId: String(sdkAppId) }
    const { maxAgeMs, retryMs } = trtcCallbackTimings
    const begunMs = performance.now()
    for (let attempt = 1; performance.now() - begunMs <= maxAgeMs; attempt++) {
      const sentMs = Date.now()
      const sinceMs = performance.now()
      const taken = await this.#attempt(headers, body)
      this.attempts.push({ room, type: event.EventType, sentMs, latencyMs: performance.now() - sinceMs, taken })
      if (taken) return
      if (attempt > 1) await sleep(retryMs)
    }
    this.lost++
  }

  async #attempt (headers: Record<string, string>, body: Buffer): Promise<boolean> {
    try {
      const signal = AbortSignal.timeout(trtcCallbackTimings.timeoutMs)
      const answer = await request(this.url, { method: 'POST', headers, body, dispatcher: this.#agent, signal })
      await answer.body.dump()
      return answer.statusCode === 200
    } catch {
      return false // TRTC tries again, whatever it was
    }
  }
}
