import type { SteadyClock } from '../core/clock.ts'
import { aheadAfter, type ClockStep } from '../core/clock-steps.ts'
import type { Connection } from '../state/database.ts'
import { latestEvents } from '../state/rooms.ts'
import { parseRoomEvent } from '../trtc/room-event.ts'

/** Of so many of the newest events the one that was the least under way counts. */
const kept = 20

/** How TRTC's clock stands to ours, by the events that were taken: each says when it was sent. */
export class EventClock {
  readonly #aheadMs: number[] = []

  /** Begins with the events that were taken before, since the machine began to run: the gateway's clock has dated them. */
  static async load (db: Connection, clock: SteadyClock): Promise<EventClock> {
    const eventClock = new EventClock()
    for (const { body, receivedMs } of await latestEvents(db, clock.offsetMs, kept)) {
      const { sentMs } = parseRoomEvent(JSON.parse(body))
      if (sentMs !== undefined) eventClock.note(sentMs, receivedMs)
    }
    return eventClock
  }

  /** An event was taken. @param sentMs when it was sent, as it says itself @param receivedMs when it arrived, by the gateway's clock */
  note (sentMs: number, receivedMs: number): void {
    this.#aheadMs.push(sentMs - receivedMs)
    if (this.#aheadMs.length > kept) this.#aheadMs.shift()
  }

  /** How far TRTC's clock is ahead of the gateway's; undefined before the first event. */
  get aheadMs (): number | undefined {
    return this.#aheadMs.length === 0 ? undefined : Math.max(...this.#aheadMs)
  }

  /** The same by the newest event alone, which may have been long under way. */
  get lastAheadMs (): number | undefined { return this.#aheadMs.at(-1) }
}

/** How far TRTC's clock may be ahead of a recording's: as the wall clock was before its steps and after each, since one of these times it was right. */
function possible (steps: readonly ClockStep[]): number[] {
  return steps.reduce((all, _, index) => [...all, aheadAfter(steps.slice(0, index + 1))], [0])
}

/** Which of them fits best what the newest events tell. @param toldMs how far they say that TRTC's clock is ahead of the recording's */
export function aheadNow (steps: readonly ClockStep[], toldMs: number | undefined): number {
  if (toldMs === undefined) return 0
  return possible(steps).reduce((best, each) => Math.abs(toldMs - each) < Math.abs(toldMs - best) ? each : best)
}

/** An event may arrive by so much before it was sent: clocks that are kept right differ by less. */
const toleranceMs = 2_000

/**
 * Which of them fits best one event: by the clock of the recording it was under way for the shortest time that is possible.
 * @param sentMs by TRTC's clock
 * @param receivedMs by the recording's
 */
export function aheadThen (steps: readonly ClockStep[], { sentMs, receivedMs }: { sentMs: number, receivedMs: number }): number {
  if (steps.length === 0) return 0
  const underWayMs = (aheadMs: number): number => receivedMs - sentMs + aheadMs
  const oddity = (aheadMs: number): number => underWayMs(aheadMs) >= -toleranceMs ? Math.abs(underWayMs(aheadMs)) : Infinity
  return possible(steps).reduce((best, each) => oddity(each) < oddity(best) ? each : best)
}
