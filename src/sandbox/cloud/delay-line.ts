import type { AudioConfig } from '../../media/audio-config.ts'
import type { Listener } from '../speaker.ts'

/** Passes on what a relay hears a fixed time later, in order: a relay decodes, encodes and buffers before it pushes. */
export class DelayLine implements Listener {
  readonly #delayMs: number
  readonly #into: Listener
  #held: { dueMs: number, pass: () => void }[] = []
  #timer: NodeJS.Timeout | undefined
  #drained = Promise.withResolvers<undefined>()

  /** @param delayMs 0 passes on at once */
  constructor (delayMs: number, into: Listener) {
    this.#delayMs = delayMs
    this.#into = into
  }

  /** Whether nothing is under way. */
  get empty (): boolean { return this.#held.length === 0 }

  hear (frame: Uint8Array, config: AudioConfig, atMs: number): void {
    this.#hold(() => this.#into.hear(frame, config, atMs + this.#delayMs))
  }

  quiet (): void {
    this.#hold(() => this.#into.quiet())
  }

  stand (ms: number): void {
    this.#hold(() => this.#into.stand(ms))
  }

  /** Resolves when all that is under way has been passed on or dropped. */
  async drained (): Promise<void> {
    if (!this.empty) await this.#drained.promise
  }

  /** Drops all that is under way. */
  cut (): void {
    clearTimeout(this.#timer)
    this.#held = []
    this.#settle()
  }

  #hold (pass: () => void): void {
    if (this.#delayMs === 0) {
      pass()
      return
    }
    this.#held.push({ dueMs: performance.now() + this.#delayMs, pass })
    this.#timer ??= setTimeout(() => this.#passDue(), this.#delayMs)
  }

  #passDue (): void {
    const now = performance.now()
    while (this.#held[0] !== undefined && this.#held[0].dueMs <= now) this.#held.shift()?.pass()
    const [next] = this.#held
    if (next === undefined) this.#settle()
    else this.#timer = setTimeout(() => this.#passDue(), Math.ceil(next.dueMs - now))
  }

  #settle (): void {
    this.#timer = undefined
    this.#drained.resolve(undefined)
    this.#drained = Promise.withResolvers()
  }
}
