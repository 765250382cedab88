import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../../core/errors.ts'
import type { AudioConfig } from '../../media/audio-config.ts'
import { connectPublisher, type RtmpPublisher } from '../rtmp-publisher.ts'

export interface PushTimings {
  /** Time between two 401s of the same status, which TRTC repeats while a push is connecting or recovering. */
  statusMs: number
  /** How long a push tries to connect before it fails. */
  giveUpMs: number
  /** Time between two tries to connect. */
  retryMs: number
}

export interface PushQuirks {
  /** The relay hangs up while its anchor is silent, instead of keeping the connection. TRTC does not say what it does. */
  disconnectWhenQuiet: boolean
  /** Each connection's timestamps begin at 0, instead of going on from the first one's. */
  restartTimestamps: boolean
}

/** Event 401's Payload.Status: 0 idle, 1 connecting, 2 running, 3 recovering, 4 failed, 5 disconnecting. */
export type PushStatus = 0 | 1 | 2 | 3 | 4 | 5

interface PushOptions {
  url: string
  now: () => number
  timings: PushTimings
  quirks: PushQuirks
  report: (status: PushStatus, message: string) => void
}

/** A task's push to one URL: connects, and connects again when the connection is lost. */
export class Push {
  readonly #options: PushOptions
  readonly #abort = new AbortController()
  readonly #run: Promise<void>
  #ended = false
  #status: PushStatus = 0
  #publisher: RtmpPublisher | undefined
  #config: AudioConfig | undefined
  /** Zero of the media timestamps, Unix milliseconds. */
  #startMs: number | undefined
  /** For how long the source's clock has stood still since then. */
  #stoodMs = 0
  /** Settled while the push shall be connected. */
  #wanted = Promise.withResolvers<undefined>()

  constructor (options: PushOptions) {
    this.#options = options
    if (!options.quirks.disconnectWhenQuiet) this.#wanted.resolve(undefined)
    this.#run = this.#keepPushing()
  }

  get status (): PushStatus { return this.#status }

  hear (frame: Uint8Array, config: AudioConfig, atMs: number): void {
    this.#wanted.resolve(undefined)
    if (this.#publisher === undefined || this.#startMs === undefined || atMs < this.#startMs) return
    if (config !== this.#config) this.#publisher.configure(config.config)
    this.#config = config
    this.#publisher.write(frame, Math.round(atMs - this.#startMs - this.#stoodMs))
  }

  /** The source's clock stands still for so long. */
  stand (ms: number): void {
    if (this.#startMs !== undefined) this.#stoodMs += ms
  }

  async quiet (): Promise<void> {
    if (!this.#options.quirks.disconnectWhenQuiet) return
    this.#wanted = Promise.withResolvers()
    await this.#publisher?.close()
  }

  /** Hangs up. @param options.silent sends no 401 */
  async end ({ silent = false } = {}): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    const tells = this.#status !== 0 && !silent
    if (tells) this.#report(5)
    // a server that does not hang up when asked to is waited for no longer than this
    const limit = setTimeout(() => this.#abort.abort(), this.#options.timings.retryMs)
    await this.#publisher?.close()
    clearTimeout(limit)
    this.#abort.abort()
    this.#wanted.resolve(undefined)
    await this.#run
    if (tells) this.#report(0)
    else this.#status = 0
  }

  async #keepPushing (): Promise<void> {
    let status: 1 | 3 = 1
    await this.#wanted.promise
    while (!this.#isEnded()) {
      const publisher = await this.#connect(status)
      if (this.#isEnded()) return
      if (publisher === undefined) {
        this.#report(4, 'gave up')
        this.#report(0)
        return
      }
      if (this.#startMs === undefined || this.#options.quirks.restartTimestamps) {
        this.#startMs = this.#options.now()
        this.#stoodMs = 0
      }
      this.#config = undefined
      this.#publisher = publisher
      this.#report(2)
      const reason = await publisher.closed
      this.#publisher = undefined
      status = reason === 'closed' ? 1 : 3
      await this.#wanted.promise
    }
  }

  /** A method, since TypeScript would take the field to be unchanged after an `await`. */
  #isEnded (): boolean {
    return this.#ended
  }

  /** Tries until the URL's server takes the push; undefined when `giveUpMs` are over or the push was ended. */
  async #connect (status: 1 | 3): Promise<RtmpPublisher | undefined> {
    const { url, timings } = this.#options
    const { signal } = this.#abort
    const tooLate = new AbortController()
    const deadline = setTimeout(() => tooLate.abort(), timings.giveUpMs)
    const stop = AbortSignal.any([signal, tooLate.signal])
    let message = ''
    this.#report(status)
    const reporting = setInterval(() => this.#report(status, message), timings.statusMs)
    try {
      // the relay waits before it connects again, so that the server can notice the loss
      if (status === 3) await sleep(timings.retryMs, undefined, { signal: stop })
      for (;;) {
        try {
          return await connectPublisher(url, { signal: stop })
        } catch (error) {
          message = messageOf(error)
          await sleep(timings.retryMs, undefined, { signal: stop })
        }
      }
    } catch (error) {
      if (!stop.aborted) throw error
      return undefined
    } finally {
      clearTimeout(deadline)
      clearInterval(reporting)
    }
  }

  #report (status: PushStatus, message = ''): void {
    this.#status = status
    this.#options.report(status, message)
  }
}
