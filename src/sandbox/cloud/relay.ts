import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../../core/errors.ts'
import type { AudioConfig } from '../../media/audio-config.ts'
import { connectPublisher, type RtmpPublisher } from '../rtmp-publisher.ts'
import type { Room, RoomListener } from './room.ts'

export interface RelayTimings {
  /** Time between two 401s of the same status, which TRTC repeats while a push is connecting or recovering. */
  statusMs: number
  /** How long a push tries to connect before it fails. */
  giveUpMs: number
  /** Time between two tries to connect. */
  retryMs: number
  /** How long one second of `MaxIdleTime` lasts; shorter in tests. */
  idleUnitMs: number
}

export const trtcRelayTimings: RelayTimings = { statusMs: 5_000, giveUpMs: 60_000, retryMs: 1_000, idleUnitMs: 1_000 }

export interface RelayQuirks {
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
  timings: RelayTimings
  quirks: RelayQuirks
  report: (status: PushStatus, message: string) => void
}

/** A task's push to one URL: connects, and connects again when the connection is lost. */
class Push {
  readonly #options: PushOptions
  readonly #abort = new AbortController()
  readonly #run: Promise<void>
  #ended = false
  #status: PushStatus = 0
  #publisher: RtmpPublisher | undefined
  #config: AudioConfig | undefined
  /** Zero of the media timestamps, Unix milliseconds. */
  #startMs: number | undefined
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
    this.#publisher.write(frame, Math.round(atMs - this.#startMs))
  }

  async quiet (): Promise<void> {
    if (!this.#options.quirks.disconnectWhenQuiet) return
    this.#wanted = Promise.withResolvers()
    await this.#publisher?.close()
  }

  async end (): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    const publishes = this.#status !== 0
    if (publishes) this.#report(5)
    // a server that does not hang up when asked to is waited for no longer than this
    const limit = setTimeout(() => this.#abort.abort(), this.#options.timings.retryMs)
    await this.#publisher?.close()
    clearTimeout(limit)
    this.#abort.abort()
    this.#wanted.resolve(undefined)
    await this.#run
    if (publishes) this.#report(0)
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
      if (this.#startMs === undefined || this.#options.quirks.restartTimestamps) this.#startMs = this.#options.now()
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

export interface RelayTaskOptions {
  taskId: string
  sdkAppId: number
  room: Room
  robotUserId: string
  anchorUserId: string
  urls: readonly string[]
  maxIdleSeconds: number
  /** `AudioEncode` of the Start request: an update must not change it. */
  audioEncode: unknown
  now: () => number
  timings: RelayTimings
  quirks: RelayQuirks
  report: (url: string, status: PushStatus, message: string) => void
  /** Called when the anchor has been away for `maxIdleSeconds`, so that the cloud ends the task. */
  onIdle: () => void
}

/** A robot in a room that pushes what one anchor says to some URLs. */
export class RelayTask implements RoomListener {
  readonly options: RelayTaskOptions
  /** `SequenceNumber` of the newest update, which the next has to exceed. */
  sequenceNumber = 0
  endedBy: TaskEnd | undefined
  #anchorUserId: string
  #unlisten: () => void
  readonly #pushes = new Map<string, Push>()
  /** Pushes that are being ended. */
  readonly #ending = new Set<Promise<void>>()
  #idle: NodeJS.Timeout | undefined

  constructor (options: RelayTaskOptions) {
    this.options = options
    this.#anchorUserId = options.anchorUserId
    this.pushTo(options.urls)
    this.#unlisten = options.room.listen(options.anchorUserId, this)
  }

  get anchorUserId (): string { return this.#anchorUserId }

  get pushes (): { url: string, status: PushStatus }[] {
    return [...this.#pushes].map(([url, { status }]) => ({ url, status }))
  }

  hear (frame: Uint8Array, config: AudioConfig, atMs: number): void {
    for (const push of this.#pushes.values()) push.hear(frame, config, atMs)
  }

  quiet (): void {
    for (const push of this.#pushes.values()) this.#own(push.quiet())
  }

  presence (isAnchor: boolean): void {
    clearTimeout(this.#idle)
    this.#idle = isAnchor || this.endedBy !== undefined
      ? undefined
      : setTimeout(() => this.options.onIdle(), this.options.maxIdleSeconds * this.options.timings.idleUnitMs)
  }

  /** Pushes another anchor from now on. */
  follow (anchorUserId: string): void {
    this.#unlisten()
    this.quiet()
    this.#anchorUserId = anchorUserId
    this.#unlisten = this.options.room.listen(anchorUserId, this)
  }

  /** Pushes to these URLs from now on. A push whose URL stays goes on; any difference in a URL ends it and starts another. */
  pushTo (urls: readonly string[]): void {
    for (const [url, push] of this.#pushes) {
      if (urls.includes(url)) continue
      this.#pushes.delete(url)
      this.#own(push.end())
    }
    const { now, timings, quirks, report } = this.options
    for (const url of urls) {
      if (this.#pushes.has(url)) continue
      this.#pushes.set(url, new Push({ url, now, timings, quirks, report: (status, message) => report(url, status, message) }))
    }
  }

  async end (by: TaskEnd): Promise<void> {
    if (this.endedBy === undefined) {
      this.endedBy = by
      this.#unlisten()
      clearTimeout(this.#idle)
      for (const push of this.#pushes.values()) this.#own(push.end())
    }
    await Promise.all(this.#ending)
  }

  #own (work: Promise<void>): void {
    const owned = work.finally(() => this.#ending.delete(owned))
    this.#ending.add(owned)
  }
}

export type TaskEnd = 'stopped' | 'idle' | 'dismissed' | 'removed' | 'replaced' | 'closed'
