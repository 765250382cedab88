import { MediaClock } from '../../src/tracks/clock/place.ts'
import { napMs, provenMs, StallBounds, type Disturbance } from './stall-bounds.ts'

/**
 * What a source and the network do one after another: `sourceStall` is silence in which the source's clock stands; `networkStall` begins when all
 * before has been said, holds up what is said in that time and after it, and delivers at `speed` times real time until nothing is held up.
 */
export type Act = { type: 'talk', ms: number } | { type: 'sourceStall', ms: number } | { type: 'networkStall', ms: number, speed: number }

export interface PlacedFrame {
  arrivalMs: number
  cause: string
  /** Where it was placed, less the moment it was said plus the delay of the first. */
  errorMs: number
}

const frameMs = 1024 / 48
interface Said { saidMs: number, timestampMs: number, arrivalMs: number }

/** A source whose every frame's moment of speaking is known. Times are milliseconds from its first frame on. */
export class FrameStream {
  readonly #frames: Said[] = []
  readonly #stalls: { ms: number, endMs: number }[] = []
  /** When what the network holds up ends, and when the last frame before it was said. */
  readonly #held: Disturbance[] = []
  readonly #silences: Disturbance[] = []
  #bounds: StallBounds | undefined

  constructor (acts: readonly Act[], { ppm = 0, jitterMs = 0 } = {}) {
    let [nowMs, mediaMs, seed] = [0, 0, 1]
    const network: { quietMs: number, fromMs: number, ms: number, speed: number }[] = []
    const random = (): number => (seed = seed * 48_271 % 2_147_483_647) / 2_147_483_647
    for (const act of acts) {
      if (act.type === 'sourceStall') {
        nowMs += act.ms
        this.#stalls.push({ ms: act.ms, endMs: Infinity })
        continue
      }
      // Stalls with no frame between are one.
      for (const stall of this.#stalls) stall.endMs = Math.min(stall.endMs, nowMs)
      const fromMs = this.#frames.at(-1)?.saidMs ?? nowMs
      if (nowMs - fromMs >= provenMs / 2 - 2 * napMs) this.#silences.push({ fromMs, untilMs: nowMs })
      if (act.type === 'networkStall') network.push({ quietMs: this.#frames.at(-1)?.saidMs ?? 0, fromMs: nowMs, ms: act.ms, speed: act.speed })
      for (let leftMs = act.ms; leftMs > 0; leftMs -= frameMs, nowMs += frameMs, mediaMs += frameMs) {
        this.#frames.push({ saidMs: nowMs, timestampMs: Math.round(mediaMs * (1 + ppm / 1e6)), arrivalMs: NaN })
      }
    }
    // Frames leave in their order: while they are held up, and after it as fast as the network catches up.
    let [freeMs, speed, fromMs] = [0, Infinity, 0]
    for (const frame of this.#frames) {
      while (network[0] !== undefined && network[0].fromMs <= frame.saidMs) {
        const stall = network.shift()!
        if (freeMs <= stall.fromMs) fromMs = stall.quietMs
        freeMs = Math.max(freeMs, stall.fromMs + stall.ms)
        speed = stall.speed
      }
      const isHeld = freeMs > frame.saidMs
      const leavesMs = Math.max(frame.saidMs, freeMs)
      if (isHeld) {
        freeMs += frameMs / speed
        const last = this.#held.at(-1)
        if (last?.fromMs === fromMs) last.untilMs = leavesMs + napMs
        else this.#held.push({ fromMs, untilMs: leavesMs + napMs })
      }
      frame.arrivalMs = Math.ceil((leavesMs + random() * jitterMs) / napMs) * napMs
    }
  }

  /** When the network has caught up for the last time. */
  get flatMs (): number { return this.#held.at(-1)?.untilMs ?? 0 }

  /** How far a frame that arrives then may be off. */
  boundMs (arrivalMs: number): number {
    this.#bounds ??= new StallBounds({ stalls: this.#stalls, held: this.#held, silences: this.#silences, frames: this.#frames })
    return this.#bounds.boundMs(arrivalMs)
  }

  /** Places every frame, as a file without holes would. */
  place (): PlacedFrame[] {
    const clock = new MediaClock()
    let [endMs, offsetMs] = [-Infinity, NaN]
    return this.#frames.map(({ saidMs, timestampMs, arrivalMs }) => {
      const roomMs = clock.continues(timestampMs, arrivalMs, frameMs)
        ? clock.place(timestampMs, arrivalMs, endMs, frameMs)
        : clock.anchor(timestampMs, arrivalMs, arrivalMs, endMs, frameMs)
      if (Number.isNaN(offsetMs)) offsetMs = roomMs - saidMs
      endMs = Math.max(endMs, roomMs + frameMs)
      return { arrivalMs, cause: clock.cause, errorMs: roomMs - saidMs - offsetMs }
    })
  }
}
