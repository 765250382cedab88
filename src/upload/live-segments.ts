import { messageOf, RoomtapeError } from '../core/errors.ts'
import type { OutputFormat } from '../core/output-format.ts'
import type { StoreTarget } from '../core/store-target.ts'
import type { Segment } from '../media/segments.ts'
import type { UploadedSegment } from '../stores/uploaded.ts'

/** A track that is cut while it is written, and where its segments go. */
export interface CutTrack {
  recordingId: string
  trackId: string
  segments: {
    format: OutputFormat
    target: StoreTarget
    /** Folder of their object keys, ending in `/`. */
    keyFolder: string
  }
}

/** Uploads one segment of a track. @throws RoomtapeError STORE_… while the store does not take it */
type Send = (track: CutTrack, segment: Segment, options: { signal: AbortSignal }) => Promise<UploadedSegment>

type LiveReport =
  | { type: 'segment', trackId: string, segment: UploadedSegment }
  /** The store does not take segments at present; they wait. */
  | { type: 'unsent', trackId: string, message: string }

export interface LiveSegmentsOptions {
  open: (target: StoreTarget) => Send
  report: (report: LiveReport) => void
  random?: () => number
}

/** The segments of one track that wait, in order. Only the first is on its way. */
interface Queue { track: CutTrack, lane: Lane, waiting: Segment[], busy: boolean, aborter: AbortController }

/** One store, and the tracks that have something for it: the one whose turn is next stands first. */
interface Lane { key: string, send: Send | undefined, ready: Queue[], running: number, failures: number, timer: NodeJS.Timeout | undefined }

/** How many segments of a track wait: at 2 s each, 17 minutes of a store that is away. Those beyond are cut again when the track is over. */
const maxWaiting = 512
/** How many segments of a thread are on their way at a time. */
const maxAtATime = 32
/** How many of them go to one store, so that a slow bucket does not hold up those of others. */
const maxAtATimePerStore = 16
/** How much memory the segments on their way may take together; one alone may be larger. */
const maxBytes = 32 * 1024 * 1024
const firstRetryMs = 500
const maxRetryMs = 30_000

/**
 * Uploads the segments of a thread's tracks while these are written: each track's in order and one at a time, tracks in turn. A store that
 * does not answer is tried with one segment at a time, ever more seldom, until it does.
 */
export class LiveSegments {
  readonly #options: LiveSegmentsOptions
  readonly #queues = new Map<string, Queue>()
  readonly #lanes = new Map<string, Lane>()
  readonly #sending = new Set<Promise<void>>()
  #bytes = 0

  constructor (options: LiveSegmentsOptions) {
    this.#options = options
  }

  /** Whether something is on its way: the loop should look at its sockets often. */
  get busy (): boolean { return this.#sending.size > 0 }

  add (track: CutTrack, segment: Segment): void {
    const queue = this.#queueOf(track)
    if (queue.waiting.length >= maxWaiting) return
    queue.waiting.push(segment)
    if (queue.busy) return
    queue.busy = true
    queue.lane.ready.push(queue)
    this.#next(queue.lane)
  }

  /** The track is over: what is not on its way yet is left to whoever uploads the finished track. */
  drop (trackId: string): void {
    const queue = this.#queues.get(trackId)
    if (queue === undefined) return
    this.#queues.delete(trackId)
    queue.waiting.length = 0
    queue.aborter.abort(new RoomtapeError('UNAVAILABLE', 'the track is over'))
    queue.lane.ready = queue.lane.ready.filter((other) => other !== queue)
    if ([...this.#queues.values()].some(({ lane }) => lane === queue.lane)) return
    clearTimeout(queue.lane.timer)
    this.#lanes.delete(queue.lane.key)
  }

  /** Resolves when nothing is on its way any more. */
  async close (): Promise<void> {
    for (const trackId of [...this.#queues.keys()]) this.drop(trackId)
    await Promise.all(this.#sending)
  }

  #queueOf (track: CutTrack): Queue {
    let queue = this.#queues.get(track.trackId)
    if (queue === undefined) {
      queue = { track, lane: this.#laneOf(track.segments.target), waiting: [], busy: false, aborter: new AbortController() }
      this.#queues.set(track.trackId, queue)
    }
    return queue
  }

  #laneOf (target: StoreTarget): Lane {
    const key = JSON.stringify(target)
    const lane = this.#lanes.get(key) ?? { key, send: undefined, ready: [], running: 0, failures: 0, timer: undefined }
    this.#lanes.set(key, lane)
    return lane
  }

  #next (lane: Lane): void {
    const limit = lane.failures > 0 ? 1 : maxAtATimePerStore
    while (lane.running < limit && lane.timer === undefined && this.#sending.size < maxAtATime) {
      const [queue] = lane.ready
      const [segment] = queue?.waiting ?? []
      if (queue === undefined || segment === undefined) return
      const bytes = segment.byteEnd - segment.byteStart
      if (this.#sending.size > 0 && this.#bytes + bytes > maxBytes) return
      lane.ready.shift()
      this.#bytes += bytes
      lane.running++
      const sending = this.#send(queue, segment).finally(() => {
        this.#sending.delete(sending)
        this.#bytes -= bytes
        lane.running--
        for (const each of this.#lanes.values()) this.#next(each)
      })
      this.#sending.add(sending)
    }
  }

  async #send (queue: Queue, segment: Segment): Promise<void> {
    const { track, lane, aborter: { signal } } = queue
    try {
      lane.send ??= this.#options.open(track.segments.target)
      const uploaded = await lane.send(track, segment, { signal })
      if (signal.aborted) return
      lane.failures = 0
      this.#options.report({ type: 'segment', trackId: track.trackId, segment: uploaded })
      this.#goOn(queue)
    } catch (error) {
      if (signal.aborted) return
      if (lane.failures === 0) this.#options.report({ type: 'unsent', trackId: track.trackId, message: messageOf(error) })
      if (isOfStore(error)) {
        lane.ready.unshift(queue)
        this.#wait(lane)
      } else {
        this.#goOn(queue)
      }
    }
  }

  /** Takes the first that waits off the queue. */
  #goOn (queue: Queue): void {
    queue.waiting.shift()
    if (queue.waiting.length > 0) queue.lane.ready.push(queue)
    else queue.busy = false
  }

  #wait (lane: Lane): void {
    const { random = Math.random } = this.#options
    const delayMs = Math.min(maxRetryMs, firstRetryMs * 2 ** lane.failures++) * (1 + random()) / 2
    lane.timer ??= setTimeout(() => {
      lane.timer = undefined
      this.#next(lane)
    }, delayMs)
  }
}

/** Whether the store failed. Other failures are of this one segment, and do not heal by waiting. */
function isOfStore (error: unknown): boolean {
  return error instanceof RoomtapeError && error.error.startsWith('STORE_')
}
