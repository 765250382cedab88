import type { RoomtapeError } from '../core/errors.ts'
import { maxAacFrameBytes, type AudioConfig } from '../media/aac.ts'
import type { FragmentBuffers } from '../media/mp4-writer.ts'
import type { GapCause, TrackSummary } from '../media/track-summary.ts'
import type { AudioSink, SourceEnd } from '../media/audio-sink.ts'
import { MediaClock } from './clock/place.ts'
import type { TrackSegments } from './segment-cutter.ts'
import { TrackPart, type PartFile } from './track-file-writer.ts'

interface HeldFrame { bytes: Uint8Array, timestampMs: number, arrivalMs: number }

/**
 * The first frames of a connection, and those after a leap of its clock, are held so long: the least delayed of them, not the first, anchors
 * the clock. The first one often is late by whatever the handshake took, all by up to a nap of the thread (worker.ts).
 */
const settleMs = 500
/** More than half a second of any AAC; a source that sends more at once has settled with these. */
const maxHeld = 64

/** What the hole up to the next connection is called. */
const endCauses = { disconnected: 'reconnected', refused: 'reconnected', replaced: 'takeover', stopped: 'disconnected' } as const satisfies Record<SourceEnd, GapCause>

/** Files that one track may begin at once, and how long until it may begin another: a source that changes its encoding all the time fills no disk with them. */
const fileBudget = 8
const fileEveryMs = 10_000

export interface TrackOptions {
  /** Write silence where there is no audio, so that file time is room time; otherwise gaps are cut out. Listed either way. */
  fillGaps: boolean
  /** Called when the first frame of a part is there. @param startMs the room's time of that frame, Unix milliseconds */
  openPart: (start: { part: number, startMs: number }) => Promise<PartFile>
  /** Shared by the tracks of a thread. */
  buffers: FragmentBuffers
  /** Absent: the track is not cut. */
  segments?: TrackSegments | undefined
  /** The disk failed, SPOOL_FAILED; at most once, and nothing more is written. What was whole on the disk by then can be salvaged. */
  onFailure: (error: RoomtapeError) => void
}

/**
 * One anchor's audio, from an engine to files. A file begins with the first frame and ends with the last; another encoding begins another
 * file. Nothing here throws into the engine or keeps time by itself: call `tick` about once a second.
 */
export class Track implements AudioSink {
  readonly #options: TrackOptions
  readonly #clock = new MediaClock()
  readonly #held: HeldFrame[] = []
  readonly #finished: Promise<TrackSummary | undefined>[] = []
  #config: AudioConfig | undefined
  #frameMs = 0
  #part: TrackPart | undefined
  #parts = 0
  /** Files that may be begun, as of that arrival. */
  #budget = fileBudget
  #budgetMs = 0
  #segments = 0
  #paused = false
  /** Frames have been left out since the last one that was written. */
  #pausedSinceFrame = false
  /** As far as it is not the part's. */
  #endMs = -Infinity
  #lostBeforeMs = 0
  #failed = false
  #closed = false

  constructor (options: TrackOptions) {
    this.#options = options
  }

  /** Fragments of the present file that wait for the disk. */
  get waiting (): number { return this.#part?.waiting ?? 0 }

  /** Audio that was lost because the disk could not keep up; it is in the gaps, cause `overload`. */
  get lostMs (): number { return this.#lostBeforeMs + (this.#part?.lostMs ?? 0) }

  configure (config: AudioConfig): void {
    if (this.#config !== undefined && Buffer.compare(this.#config.config, config.config) === 0) return
    this.#settle()
    this.#finishPart()
    this.#config = { ...config, config: Uint8Array.from(config.config) }
    this.#frameMs = config.frameSamples * 1000 / config.sampleRate
  }

  /** What is no AAC frame by its size is left out, and so is what comes before any `configure`: nobody could decode it. */
  write (bytes: Uint8Array, start: number, end: number, timestampMs: number, arrivalMs: number): void {
    if (this.#config === undefined || this.#failed || this.#closed || end <= start || end - start > maxAacFrameBytes) return
    if (this.#clock.continues(timestampMs, arrivalMs, this.#frameMs)) {
      this.#place(bytes, start, end, timestampMs, arrivalMs)
      return
    }
    const last = this.#held.at(-1)
    if (last !== undefined && Math.abs(((timestampMs - last.timestampMs) | 0) - (arrivalMs - last.arrivalMs)) > settleMs) {
      // The two clocks part here: what follows says nothing of how late the first frame was.
      this.#settle()
      this.write(bytes, start, end, timestampMs, arrivalMs)
      return
    }
    this.#held.push({ bytes: Buffer.from(bytes.subarray(start, end)), timestampMs, arrivalMs })
    if (this.#held.length >= maxHeld || arrivalMs - (this.#held[0]?.arrivalMs ?? 0) >= settleMs) this.#settle()
  }

  /** Also, with `stopped`, when another source is expected. */
  end (reason: SourceEnd): void {
    this.#settle()
    this.#clock.end(endCauses[reason])
  }

  /** While paused, frames are heard, so that the clock goes on, and left out. The hole they leave is `paused`. */
  pause (paused: boolean): void {
    this.#settle()
    this.#paused = paused
  }

  /** Where the track ends in the room's time, Unix milliseconds, what was left out while paused included; −Infinity before the first frame. */
  get endMs (): number { return Math.max(this.#part?.endMs ?? -Infinity, this.#endMs) }

  /** Once a second or so. @param nowMs Unix milliseconds */
  tick (nowMs: number): void {
    if (nowMs - (this.#held[0]?.arrivalMs ?? nowMs) >= settleMs) this.#settle()
    this.#part?.tick(nowMs)
  }

  /**
   * Resolves when every file is complete and durable: their summaries in order; none when no frame ever came. A file whose disk
   * failed is not among them. Takes no more audio from the moment of the call.
   */
  async close (): Promise<TrackSummary[]> {
    this.#closed = true
    this.#settle()
    this.#finishPart()
    const summaries = await Promise.all(this.#finished)
    return summaries.filter((summary) => summary !== undefined)
  }

  /** Anchors the clock by the least delayed of the frames held, and lets them all in. */
  #settle (): void {
    const [first] = this.#held
    if (first === undefined || this.#config === undefined) return
    const roomMs = this.#held.reduce((least, { timestampMs, arrivalMs }) => Math.min(least, arrivalMs - ((timestampMs - first.timestampMs) | 0)), Infinity)
    const firstMs = this.#clock.anchor(first.timestampMs, roomMs, first.arrivalMs, this.endMs, this.#frameMs)
    this.#add(first.bytes, 0, first.bytes.length, firstMs, first.arrivalMs)
    for (const { bytes, timestampMs, arrivalMs } of this.#held.splice(0).slice(1)) {
      if (this.#clock.continues(timestampMs, arrivalMs, this.#frameMs)) this.#place(bytes, 0, bytes.length, timestampMs, arrivalMs)
      else this.#add(bytes, 0, bytes.length, this.#clock.anchor(timestampMs, arrivalMs, arrivalMs, this.endMs, this.#frameMs), arrivalMs)
    }
  }

  #place (bytes: Uint8Array, start: number, end: number, timestampMs: number, arrivalMs: number): void {
    this.#add(bytes, start, end, this.#clock.place(timestampMs, arrivalMs, this.endMs, this.#frameMs), arrivalMs)
  }

  #add (bytes: Uint8Array, start: number, end: number, roomMs: number, arrivalMs: number): void {
    if (this.#config === undefined || this.#failed) return
    if (this.#paused) {
      this.#pausedSinceFrame = true
      this.#endMs = Math.max(this.endMs, roomMs + this.#frameMs)
      return
    }
    if (this.#part === undefined) {
      if (!this.#mayBegin(arrivalMs)) return
      this.#part = this.#beginPart(this.#config, Math.round(Math.max(roomMs, this.#endMs)))
    }
    this.#part.write(bytes, start, end, roomMs, arrivalMs, this.#pausedSinceFrame ? 'paused' : this.#clock.cause)
    this.#pausedSinceFrame = false
  }

  #mayBegin (nowMs: number): boolean {
    this.#budget = Math.min(fileBudget, this.#budget + (nowMs - this.#budgetMs) / fileEveryMs)
    this.#budgetMs = nowMs
    if (this.#budget < 1) return false
    this.#budget--
    return true
  }

  #beginPart (config: AudioConfig, startMs: number): TrackPart {
    const { fillGaps, openPart, buffers, segments, onFailure } = this.#options
    const part = ++this.#parts
    return new TrackPart({
      part,
      config,
      startMs,
      file: openPart({ part, startMs }),
      fillGaps,
      buffers,
      segments: segments && { ...segments, nextSeq: () => ++this.#segments },
      onFailure: (error) => {
        if (this.#failed) return
        this.#failed = true
        onFailure(error)
      }
    })
  }

  #finishPart (): void {
    if (this.#part === undefined) return
    this.#endMs = Math.max(this.#endMs, this.#part.endMs)
    this.#lostBeforeMs += this.#part.lostMs
    this.#finished.push(this.#part.finish())
    this.#part = undefined
  }
}
