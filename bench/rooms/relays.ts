import { createHistogram } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { Relay, type RelayOptions, type RelayReport } from './relay.ts'

/** Between two looks at what is due, since waking up costs as much as some frames. */
const wakeMs = 2
const pollMs = 20

/** All relays of a cloud, by their task's id. They begin when they are asked for, so that their frames are spread as rooms are. */
export class Relays {
  readonly #relays = new Map<string, Relay>()
  readonly #lateness = createHistogram()
  #roomsAreOver = false
  readonly #sending = setInterval(() => { this.#send(performance.now()) }, wakeMs)

  start (taskId: string, options: Omit<RelayOptions, 'number'>): void {
    const relay = new Relay({ ...options, number: this.#relays.size })
    this.#relays.set(taskId, relay)
    if (this.#roomsAreOver) relay.end(performance.now())
  }

  stop (taskId: string): void { this.#relays.get(taskId)?.stop() }

  /** Resolves when so many send audio. @throws Error when one broke */
  async talking (count: number): Promise<void> {
    while ([...this.#relays.values()].filter(({ talks }) => talks).length < count) {
      const faults = this.#reports().flatMap(({ faults }) => faults)
      if (faults.length > 0) throw new Error(`${faults.length} relays broke: ${faults[0] ?? ''}`)
      await sleep(pollMs)
    }
  }

  /** All rooms are over now. */
  end (): void {
    const nowMs = performance.now()
    this.#roomsAreOver = true
    for (const relay of this.#relays.values()) relay.end(nowMs)
    this.#send(nowMs)
  }

  /** What became of all, when they have hung up. */
  async report (): Promise<{ relays: RelayReport[], lateP99Ms: number, lateMaxMs: number }> {
    await Promise.all([...this.#relays.values()].map(({ over }) => over))
    return { relays: this.#reports(), lateP99Ms: this.#lateness.percentile(99) / 1000, lateMaxMs: this.#lateness.max / 1000 }
  }

  destroy (): void {
    clearInterval(this.#sending)
    for (const relay of this.#relays.values()) relay.destroy()
  }

  #reports (): RelayReport[] { return [...this.#relays.values()].map(({ report }) => report) }

  #send (nowMs: number): void {
    for (const relay of this.#relays.values()) {
      const lateMs = relay.send(nowMs)
      if (lateMs > 0) this.#lateness.record(Math.max(1, Math.round(lateMs * 1000)))
    }
  }
}
