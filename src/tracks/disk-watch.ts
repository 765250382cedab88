import type { Figures } from './figures.ts'

/** How the disk keeps up with all tracks of a thread. */
type DiskState = 'keeping up' | 'behind' | 'losing audio'

export interface DiskReport extends Pick<Figures, 'tracks' | 'tracksBehind' | 'fragmentsWaiting'> {
  state: DiskState
  /** Audio lost since the disk last kept up, over all tracks of the thread. */
  lostMs: number
}

/** Says when a thread's disk changes state: once, however many tracks it is behind with. */
export class DiskWatch {
  #state: DiskState = 'keeping up'
  /** What had been lost when the disk last kept up. */
  #lostBeforeMs = 0

  /** To be called about once a second. @returns the state, if it is another than before */
  look ({ tracks, tracksBehind, fragmentsWaiting, lostMs }: Figures): DiskReport | undefined {
    const lostNowMs = lostMs - this.#lostBeforeMs
    const state = tracksBehind === 0 ? 'keeping up' : lostNowMs > 0 ? 'losing audio' : 'behind'
    if (state === 'keeping up') this.#lostBeforeMs = lostMs
    if (state === this.#state) return undefined
    this.#state = state
    return { state, tracks, tracksBehind, fragmentsWaiting, lostMs: lostNowMs }
  }
}
