import { RoomtapeError } from '../core/errors.ts'
import type { Figures } from './figures.ts'

/** The share of busy time above which a thread takes no more tracks: the rest is for bursts, garbage collection and uploads. */
const fullLoad = 0.85
/** The time over which the load is smoothed: a burst of work that is shorter refuses nobody. */
const smoothingMs = 5_000
/** What a track is taken to cost before that was measured: half a thousandth of a core (docs/performance.md). */
const assumedTrackLoad = 0.0005
/** The number of tracks below which the measure says more of the thread's other work than of what a track costs. */
const tellingTracks = 50
/** How many fragments may wait for the disk per publishing track before the thread takes no more tracks. */
const fullFragments = 3
/** The number of tracks that is counted at the least: with fewer it is one of them that is stuck rather than the disk. */
const fewTracks = 32

interface Moment {
  nowMs: number
  /** Busy since the thread began: time elapsed, less waiting for something to happen. */
  busyMs: number
  /** Tracks whose audio arrives. */
  publishing: number
}

/**
 * How busy a capture thread is, smoothed over some seconds, and how busy it will be with the tracks that it has taken since. Both the busy share
 * and the number of tracks behind it are smoothed alike, so that what a track costs is right while tracks come and go.
 */
export class LoadMeter {
  #last: Moment
  #load = 0
  #publishing = 0

  constructor (start: Moment) {
    this.#last = start
  }

  /** To be called about once a second, or more often. */
  measure (moment: Moment): void {
    const elapsedMs = moment.nowMs - this.#last.nowMs
    if (elapsedMs <= 0) return
    const weight = 1 - Math.exp(-elapsedMs / smoothingMs)
    this.#load += weight * ((moment.busyMs - this.#last.busyMs) / elapsedMs - this.#load)
    this.#publishing += weight * (moment.publishing - this.#publishing)
    this.#last = moment
  }

  /** What one track adds to the load. */
  get trackLoad (): number {
    if (this.#publishing === 0) return assumedTrackLoad
    const trust = (this.#publishing / (this.#publishing + tellingTracks)) ** 2
    return trust * this.#load / this.#publishing + (1 - trust) * assumedTrackLoad
  }

  /** The load that will be measured when tracks that publish, and those whose audio is `due`, have all gone into the measure. */
  expected ({ publishing, due }: { publishing: number, due: number }): number {
    return Math.max(0, this.#load + (publishing + due - this.#publishing) * this.trackLoad)
  }
}

/** @throws RoomtapeError CAPTURE_FULL when one more track would harm those that a thread has */
export function admit ({ load, trackLoad, publishing, fragmentsWaiting }: Pick<Figures, 'load' | 'trackLoad' | 'publishing' | 'fragmentsWaiting'>): void {
  if (load + trackLoad > fullLoad) throw new RoomtapeError('CAPTURE_FULL', `the thread is busy ${Math.round(load * 100)} % of the time`)
  if (fragmentsWaiting > fullFragments * Math.max(publishing, fewTracks)) throw new RoomtapeError('CAPTURE_FULL', `the disk is ${fragmentsWaiting} fragments behind`)
}
