import type { Logger } from 'pino'
import { monotonicMs, type Clock } from '../core/clock.ts'
import { stepsBy, type ClockStep } from '../core/clock-steps.ts'
import type { SpanLog } from '../core/span-log.ts'
import type { EventClock } from '../rooms/event-clock.ts'

export interface ClockWatchOptions {
  wall: Clock
  gatewayClock: Clock
  eventClock: Pick<EventClock, 'lastAheadMs'>
  /** How far the wall clock may be off until TRTC's events count as stale. */
  maxAgeMs: number
  /** When events were refused because the wall clock was off. */
  spans: Pick<SpanLog, 'sinceMs' | 'begin' | 'end'>
  /** Somebody has set the wall clock. */
  onSet: () => void
  log: Pick<Logger, 'info' | 'warn' | 'error'>
}

const lookEveryMs = 1_000

/**
 * Watches whether somebody sets the wall clock, by a clock that nobody sets. While it is so far off that TRTC's events count as stale, nobody hears
 * them. What TRTC's own clock says is known by the last event that was taken.
 */
export class ClockWatch {
  readonly #options: ClockWatchOptions
  /** The last step alone. */
  #steps: readonly ClockStep[]
  #rightMs = monotonicMs()
  #timer: NodeJS.Timeout | undefined

  constructor (options: ClockWatchOptions) {
    this.#options = options
    this.#steps = [{ atMs: 0, stepMs: this.#aheadMs }]
  }

  /** How far the wall clock is ahead of TRTC's, by the last event that was taken: milliseconds; undefined when none was in this boot. */
  get differenceMs (): number | undefined {
    const { lastAheadMs } = this.#options.eventClock
    return lastAheadMs === undefined ? undefined : this.#aheadMs - lastAheadMs
  }

  /** Whether the wall clock is so far off that events count as stale. */
  get isOff (): boolean {
    return Math.abs(this.differenceMs ?? 0) > this.#options.maxAgeMs
  }

  start (): void {
    this.#timer = setInterval(() => { this.look() }, lookEveryMs)
  }

  close (): void {
    clearInterval(this.#timer)
  }

  /** To be called once a second. */
  look (): void {
    const { gatewayClock, onSet, log } = this.#options
    const steps = stepsBy(this.#steps, gatewayClock.now(), this.#aheadMs)
    const step = steps === this.#steps ? undefined : steps.at(-1)
    if (step !== undefined) {
      this.#steps = [{ ...step, stepMs: this.#aheadMs }]
      log.warn({ stepMs: step.stepMs }, 'the wall clock was set; recordings go on by their own')
      onSet()
    }
    this.#judge()
  }

  #judge (): void {
    const { spans, log } = this.#options
    const nowMs = monotonicMs()
    if (!this.isOff) {
      if (spans.sinceMs !== undefined) log.info('the wall clock is right again: events are taken')
      spans.end(nowMs)
      this.#rightMs = nowMs
    } else if (spans.sinceMs === undefined) {
      log.error({ differenceMs: this.differenceMs }, "the wall clock is off: TRTC's events count as stale, and its calls may be refused, until it is right")
      spans.begin(this.#rightMs)
    }
  }

  get #aheadMs (): number { return this.#options.wall.now() - this.#options.gatewayClock.now() }
}
