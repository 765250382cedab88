import { messageOf } from '../../src/core/errors.ts'
import { clip, firstFrameOf, frameAfter, frameMs } from '../capture/clip.ts'
import { audioChunk, Publisher } from '../capture/publisher.ts'

/** What became of one relay. Times are Unix milliseconds. */
export interface RelayReport {
  roomId: string
  userId: string
  askedMs: number
  firstFrameMs: number | undefined
  lastFrameMs: number | undefined
  sent: number
  /** Frames that were said before the end and not sent, since the relay was stopped before. */
  cut: number
  faults: string[]
}

export interface RelayOptions {
  roomId: string
  userId: string
  /** Which of all relays it is: each begins elsewhere in the clip. */
  number: number
  url: string
  lateMs: number
  /** Tells the status of the push, as event 401 does. */
  onStatus: (status: 1 | 2) => void
}

const connectMs = 30_000
const chunks: readonly Buffer[] = clip.map((frame, number) => audioChunk(frame, Math.floor((number + 1) * frameMs) - Math.floor(number * frameMs)))

/** A relay task that pushes to one URL by the wall clock: what is said now is sent `lateMs` later. */
export class Relay {
  readonly report: RelayReport
  /** Resolves when it has hung up. */
  readonly over: Promise<void>
  readonly #options: RelayOptions
  readonly #connected: Promise<Publisher | undefined>
  readonly #left = Promise.withResolvers<undefined>()
  #publisher: Publisher | undefined
  #next: number
  /** When the first frame is due, and after which moment none is; by `performance.now()`. */
  #startMs: number
  #endMs = Infinity
  #isOver = false

  constructor (options: RelayOptions) {
    const { roomId, userId, number, lateMs } = options
    this.#options = options
    this.report = { roomId, userId, askedMs: Date.now(), firstFrameMs: undefined, lastFrameMs: undefined, sent: 0, cut: 0, faults: [] }
    this.#next = firstFrameOf(number)
    this.#startMs = performance.now() + lateMs
    this.#connected = this.#connect()
    this.over = this.#hangUp()
  }

  get talks (): boolean { return this.report.sent > 0 }

  /** Sends what is due. @returns how late the latest frame was, milliseconds; 0 when none was due */
  send (nowMs: number): number {
    if (this.#publisher === undefined || this.#isOver) return 0
    const dueMs = this.#startMs + this.report.sent * frameMs
    const untilMs = Math.min(nowMs, this.#endMs)
    while (this.#startMs + this.report.sent * frameMs <= untilMs) this.#sendOne(this.#publisher)
    if (nowMs > this.#endMs) this.#leave()
    return Math.max(0, untilMs - dueMs)
  }

  /** The room is over: what was said until now is still sent. */
  end (nowMs: number): void { this.#endMs = nowMs + this.#options.lateMs }

  /** StopPublishCdnStream: nothing more is sent. */
  stop (): void {
    if (this.#isOver) return
    if (this.#endMs === Infinity) this.report.faults.push('it was stopped before its room was over')
    else this.report.cut = Math.max(0, Math.floor((this.#endMs - this.#startMs) / frameMs) + 1 - this.report.sent)
    this.#leave()
  }

  destroy (): void { this.#publisher?.destroy() }

  #sendOne (publisher: Publisher): void {
    const chunk = chunks[this.#next]
    if (chunk === undefined) throw new Error(`the clip has no frame ${this.#next}`)
    publisher.send(chunk)
    this.#next = frameAfter(this.#next)
    const nowMs = Date.now()
    this.report.firstFrameMs ??= nowMs
    this.report.lastFrameMs = nowMs
    this.report.sent++
  }

  #leave (): void {
    this.#isOver = true
    this.#left.resolve(undefined)
  }

  async #connect (): Promise<Publisher | undefined> {
    const { url, onStatus } = this.#options
    onStatus(1)
    try {
      const publisher = await Publisher.publish(url, { signal: AbortSignal.timeout(connectMs) })
      onStatus(2)
      this.#startMs = Math.max(this.#startMs, performance.now())
      this.#publisher = publisher
      return publisher
    } catch (error) {
      this.report.faults.push(messageOf(error))
      this.#leave()
      return undefined
    }
  }

  async #hangUp (): Promise<void> {
    const publisher = await this.#connected
    await this.#left.promise
    await publisher?.leave().catch((error: unknown) => { this.report.faults.push(messageOf(error)) })
  }
}
