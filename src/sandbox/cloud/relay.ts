import type { AudioConfig } from '../../media/audio-config.ts'
import { DelayLine } from './delay-line.ts'
import { Push, type PushQuirks, type PushStatus, type PushTimings } from './push.ts'
import type { Room, RoomListener } from './room.ts'

export interface RelayTimings extends PushTimings {
  /** How long one second of `MaxIdleTime` lasts; shorter in tests. */
  idleUnitMs: number
}

export interface RelayQuirks extends PushQuirks {
  /** A task that ends itself for `MaxIdleTime` hangs up without a 401; TRTC says neither that one comes nor which. */
  silentIdleEnd: boolean
  /** Name of the time in a 401: TRTC's table of members says the one, its sample the other. */
  relayTimeField: 'EventMsTs' | 'EventTsMs'
}

export const trtcRelayTimings: RelayTimings = { statusMs: 5_000, giveUpMs: 60_000, retryMs: 1_000, idleUnitMs: 1_000 }

export interface RelayTaskOptions {
  taskId: string
  sdkAppId: number
  room: Room
  robotUserId: string
  anchorUserId: string
  urls: readonly string[]
  maxIdleSeconds: number
  /** How much later the task pushes what its anchor says. */
  audioDelayMs: number
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
  /** Undefined while the task runs, and while it still pushes what it heard before its end. */
  endedBy: TaskEnd | undefined
  #anchorUserId: string
  #unlisten: () => void
  readonly #line: DelayLine
  /** The task no longer listens, and ends when what it heard has been pushed. */
  #draining = false
  readonly #pushes = new Map<string, Push>()
  /** Pushes that are being ended. */
  readonly #ending = new Set<Promise<void>>()
  #idle: NodeJS.Timeout | undefined

  constructor (options: RelayTaskOptions) {
    this.options = options
    this.#anchorUserId = options.anchorUserId
    this.#line = new DelayLine(options.audioDelayMs, {
      hear: (frame, config, atMs) => { for (const push of this.#pushes.values()) push.hear(frame, config, atMs) },
      quiet: () => { for (const push of this.#pushes.values()) this.#own(push.quiet()) },
      stand: (ms) => { for (const push of this.#pushes.values()) push.stand(ms) }
    })
    this.pushTo(options.urls)
    this.#unlisten = options.room.listen(options.anchorUserId, this)
  }

  get anchorUserId (): string { return this.#anchorUserId }

  get pushes (): { url: string, status: PushStatus }[] {
    return [...this.#pushes].map(([url, { status }]) => ({ url, status }))
  }

  hear (frame: Uint8Array, config: AudioConfig, atMs: number): void {
    this.#line.hear(frame, config, atMs)
  }

  quiet (): void {
    this.#line.quiet()
  }

  stand (ms: number): void {
    this.#line.stand(ms)
  }

  presence (isAnchor: boolean): void {
    clearTimeout(this.#idle)
    this.#idle = isAnchor || this.endedBy !== undefined
      ? undefined
      : setTimeout(() => this.options.onIdle(), this.options.maxIdleSeconds * this.options.timings.idleUnitMs)
  }

  /** Pushes another anchor from now on. */
  follow (anchorUserId: string): void {
    if (this.#draining) return
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

  /** Ends the task. What it heard before its room or its anchor's time ended is pushed first; every other end cuts it off. */
  async end (by: TaskEnd): Promise<void> {
    this.#unlisten()
    clearTimeout(this.#idle)
    if ((by === 'dismissed' || by === 'idle') && !this.#line.empty) {
      this.#draining = true
      await this.#line.drained()
    }
    if (this.endedBy === undefined) {
      this.endedBy = by
      this.#line.cut()
      const silent = by === 'idle' && this.options.quirks.silentIdleEnd
      for (const push of this.#pushes.values()) this.#own(push.end({ silent }))
    }
    await Promise.all(this.#ending)
  }

  #own (work: Promise<void>): void {
    const owned = work.finally(() => this.#ending.delete(owned))
    this.#ending.add(owned)
  }
}

export type TaskEnd = 'stopped' | 'idle' | 'dismissed' | 'removed' | 'replaced' | 'closed'
