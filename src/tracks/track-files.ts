import type { RoomtapeError } from '../core/errors.ts'
import type { AudioConfig } from '../media/audio-config.ts'
import type { FragmentBuffers } from '../media/mp4-writer.ts'
import type { TrackSummary } from '../media/track-summary.ts'
import type { TrackFile } from './file-queue.ts'
import type { TrackSegments } from './segment-cutter.ts'
import { TrackFileWriter } from './track-file-writer.ts'

export interface FileStart {
  fileNumber: number
  startMs: number
  /** The track was gone on with by this file. */
  resumed: boolean
}

export interface TrackFilesOptions {
  /** Write silence where there is no audio, so that file time is room time; otherwise gaps are cut out. Listed either way. */
  fillGaps: boolean
  /** Called when the first frame of a file is there. @param startMs the room's time of that frame, Unix milliseconds */
  openFile: (start: FileStart) => Promise<TrackFile>
  /** Of a track that is gone on with: the number of its next file. Absent: the track begins. */
  resumesAt?: number | undefined
  /** Shared by the tracks of a thread. */
  buffers: FragmentBuffers
  /** Absent: the track is not cut. */
  segments?: TrackSegments | undefined
  /** The track's first fragment is on the disk. @param startMs the room's time where it begins, Unix milliseconds */
  onFirstAudio?: (startMs: number) => void
  /** The disk failed, SPOOL_FAILED; at most once, and nothing more is written. What was whole on the disk by then can be salvaged. */
  onFailure: (error: RoomtapeError) => void
}

/** How many files one track may begin at once: a source that changes its encoding all the time fills no disk with them. */
const fileBudget = 8
/** How long until the track may begin another one. */
const fileEveryMs = 10_000

/** The files of one track, one after the other: begins, numbers and finishes them. */
export class TrackFiles {
  readonly #options: TrackFilesOptions
  readonly #finished: Promise<TrackSummary | undefined>[] = []
  #current: TrackFileWriter | undefined
  /** Number of the last file that was begun. */
  #begun: number
  #segments = 0
  /** Files that may be begun, as of `#budgetMs`. */
  #budget = fileBudget
  #budgetMs = 0
  #finishedEndMs = -Infinity
  #finishedLostMs = 0
  #hasAudio = false
  #failed = false

  constructor (options: TrackFilesOptions) {
    this.#options = options
    this.#begun = (options.resumesAt ?? 1) - 1
  }

  /** The file being written, if there is one. */
  get current (): TrackFileWriter | undefined { return this.#current }

  /** Whether the disk failed: nothing more is written. */
  get failed (): boolean { return this.#failed }

  /** Where the files end in the room's time, Unix milliseconds; −Infinity before the first frame. */
  get endMs (): number { return Math.max(this.#current?.endMs ?? -Infinity, this.#finishedEndMs) }

  /** Audio that was lost because the disk could not keep up. */
  get lostMs (): number { return this.#finishedLostMs + (this.#current?.lostMs ?? 0) }

  /** Begins a file; undefined when the track has begun too many of late. @param startMs the room's time of its first frame */
  begin (config: AudioConfig, startMs: number, nowMs: number): TrackFileWriter | undefined {
    if (!this.#mayBegin(nowMs)) return undefined
    const { openFile, resumesAt, segments, fillGaps, buffers, onFirstAudio, onFailure } = this.#options
    const fileNumber = ++this.#begun
    const resumed = fileNumber === resumesAt
    this.#current = new TrackFileWriter({
      fileNumber,
      config,
      startMs,
      resumed,
      file: openFile({ fileNumber, startMs, resumed }),
      fillGaps,
      buffers,
      segments: segments && { ...segments, nextSeq: () => ++this.#segments },
      onFirstAudio: () => {
        if (!this.#hasAudio) onFirstAudio?.(startMs)
        this.#hasAudio = true
      },
      onFailure: (error) => {
        if (this.#failed) return
        this.#failed = true
        onFailure(error)
      }
    })
    return this.#current
  }

  /** Finishes the present file, if there is one. */
  finishCurrent (): void {
    if (this.#current === undefined) return
    this.#finishedEndMs = Math.max(this.#finishedEndMs, this.#current.endMs)
    this.#finishedLostMs += this.#current.lostMs
    this.#finished.push(this.#current.finish())
    this.#current = undefined
  }

  /** Resolves when every file is complete and durable: their summaries in order. A file whose disk failed is not among them. */
  async close (): Promise<TrackSummary[]> {
    this.finishCurrent()
    const summaries = await Promise.all(this.#finished)
    return summaries.filter((summary) => summary !== undefined)
  }

  #mayBegin (nowMs: number): boolean {
    this.#budget = Math.min(fileBudget, this.#budget + (nowMs - this.#budgetMs) / fileEveryMs)
    this.#budgetMs = nowMs
    if (this.#budget < 1) return false
    this.#budget--
    return true
  }
}
