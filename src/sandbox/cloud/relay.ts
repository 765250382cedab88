import type { AudioConfig } from '../../media/audio-config.ts'
import { Push, type PushQuirks, type PushStatus, type PushTimings } from './push.ts'
import type { Room, RoomListener } from './room.ts'

export interface RelayTimings extends PushTimings {
  /** How long one second of `MaxIdleTime` lasts; shorter in tests. */
  idleUnitMs: number
}

export interface RelayQuirks extends PushQuirks {
  /** A task that ends itself for `MaxIdleTime` hangs up without a 401; TRTC says neither that one comes nor which. */
  silentIdleEnd: boolean
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
