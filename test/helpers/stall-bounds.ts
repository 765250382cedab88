/** Sockets are read ten times a second. */
export const napMs = 100
/** How long lateness has to stay before it is the source's. */
export const provenMs = 10_000
/** How often it is looked for by arrival, a nap of the reader's included. */
const lookMs = 1_000 + 2 * napMs
/** A bound is of what stalls do; jitter, naps and drift may add this. */
const slackMs = 1_001

/** From the last frame before it until what came says nothing of it any more; milliseconds of any clock. */
export interface Disturbance { fromMs: number, untilMs: number }

export interface StallBoundsOptions {
  /** Of the source: for how long its clock stood, until when. */
  stalls: readonly { ms: number, endMs: number }[]
  /** When the network held up what was said, and caught up. */
  held: readonly Disturbance[]
  /** When nothing was said for so long that nothing of before says anything of what comes. */
  silences: readonly Disturbance[]
  /** In their order. */
  frames: readonly { saidMs: number, arrivalMs: number }[]
}

/** How far frames of one connection may be from where they belong, by what stalls of source and network did. */
export class StallBounds {
  readonly #options: StallBoundsOptions
  /** By the end of a stall: when it has to be put right. */
  readonly #provens: Map<number, number>

  constructor (options: StallBoundsOptions) {
    this.#options = options
    this.#provens = new Map(options.stalls.map(({ endMs }) => [endMs, this.#provenMs(endMs)]))
  }

  /** How far a frame that arrives then may be off: by the stalls that have not been followed by ten seconds in which frames flowed freely. */
  boundMs (arrivalMs: number): number {
    const open = this.#options.stalls.filter(({ endMs }) => endMs <= arrivalMs && (this.#provens.get(endMs) ?? 0) > arrivalMs - lookMs)
    return slackMs + open.reduce((sum, { ms }) => sum + ms, 0)
  }

  /** When a stall that ended then has been followed by ten seconds in which the network held up nothing, half of them filled with frames. */
  #provenMs (endMs: number): number {
    const { held, silences, frames } = this.#options
    let fromMs = endMs
    for (const other of [...held, ...silences].sort((a, b) => a.fromMs - b.fromMs)) {
      if (other.untilMs > fromMs && other.fromMs <= fromMs + provenMs + lookMs) fromMs = other.untilMs
    }
    const next = frames.findIndex(({ saidMs }) => saidMs >= fromMs)
    const enough = next < 0 ? undefined : frames[next + Math.ceil(provenMs / 2 / frameMs)]
    return Math.max(fromMs + provenMs, enough?.arrivalMs ?? Infinity)
  }
}

const frameMs = 1024 / 48
