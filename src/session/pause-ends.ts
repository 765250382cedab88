import type { Clock } from '../core/clock.ts'
import type { ActiveTracks } from './active-tracks.ts'
import { plan, type Desired, type Here } from './plan.ts'

/** Ends the pauses of a recording at their time, however long the database takes meanwhile: what is said after them is to be kept. */
export class PauseEnds {
  readonly #active: Pick<ActiveTracks, 'actual' | 'pause'>
  readonly #here: Here
  readonly #clock: Clock
  #timer: NodeJS.Timeout | undefined

  /** @param clock the recording's */
  constructor (active: Pick<ActiveTracks, 'actual' | 'pause'>, here: Here, clock: Clock) {
    this.#active = active
    this.#here = here
    this.#clock = clock
  }

  /** The next of these pauses that ends is waited for, and no other. */
  await (desired: Desired): void {
    this.stop()
    const nowMs = this.#clock.now()
    const endsMs = desired.pauses.flatMap(({ endMs }) => endMs === null ? [] : [endMs + this.#here.resumeHoldMs]).filter((endMs) => endMs > nowMs)
    if (endsMs.length > 0) this.#timer = setTimeout(() => { this.#end(desired) }, Math.min(...endsMs) - nowMs)
  }

  stop (): void {
    clearTimeout(this.#timer)
  }

  #end (desired: Desired): void {
    for (const action of plan(desired, this.#active.actual(), this.#here, this.#clock.now())) {
      if (action.type === 'pause') this.#active.pause(action.trackId, action.paused)
    }
    this.await(desired)
  }
}
