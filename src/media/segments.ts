import type { AudioConfig } from './audio-config.ts'
import type { Gap } from './track-summary.ts'

/** A stretch of a track that is uploaded as a file of its own: a run of whole fragments of one of the track's files. */
export interface Segment {
  /** 1, 2, … over all files of a track. */
  seq: number
  /** Which file of the track it is cut from. */
  fileNumber: number
  /** Where in that file it begins, and how many frames it has. */
  firstFrame: number
  frames: number
  /** Bytes of that file, `byteEnd` not included. */
  byteStart: number
  byteEnd: number
  /** The room's time of its first sample and of the end of its last: Unix milliseconds. */
  startMs: number
  endMs: number
  /** How long it plays; shorter than end − start by gaps that were cut out. */
  durationMs: number
  /** How much of the room's time in it is without audio: filled with silence or cut out. */
  gapMs: number
}

/** Cell k of every track of a recording is [epoch + k·length, epoch + (k + 1)·length) of the room's time. */
export interface SegmentGrid {
  seconds: number
  /** Unix milliseconds. */
  epochMs: number
}

type FrameLength = Pick<AudioConfig, 'sampleRate' | 'frameSamples'>

/**
 * Which cell each frame of a file lies in: the one its start lies in. Counted in whole 1/sampleRate milliseconds, of which a day has fewer
 * than 2^53: nothing is rounded, so a frame at a boundary is never on this side here and on the other there.
 */
export class FrameCells {
  readonly #sampleRate: number
  readonly #frameUnits: number
  readonly #cellUnits: number
  readonly #grid: SegmentGrid
  /** From the epoch to where frame 0 would lie if nothing had been cut out. */
  #originUnits: number

  /** @param startMs the room's time of frame 0, whole Unix milliseconds */
  constructor (grid: SegmentGrid, { sampleRate, frameSamples }: FrameLength, startMs: number) {
    this.#grid = grid
    this.#sampleRate = sampleRate
    this.#frameUnits = frameSamples * 1000
    this.#cellUnits = grid.seconds * 1000 * sampleRate
    this.#originUnits = (startMs - grid.epochMs) * sampleRate
  }

  /** Notes that a stretch of the room's time is not in the file: all frames from here on lie later by it. @param ms whole milliseconds */
  cutOut (ms: number): void {
    this.#originUnits += ms * this.#sampleRate
  }

  cellOf (frame: number): number {
    return Math.floor((this.#originUnits + frame * this.#frameUnits) / this.#cellUnits)
  }

  /** The first frame that lies in this cell or after it. */
  firstFrameOf (cell: number): number {
    return Math.ceil((cell * this.#cellUnits - this.#originUnits) / this.#frameUnits)
  }

  /** Unix milliseconds. */
  endMsOf (cell: number): number {
    return this.#grid.epochMs + (cell + 1) * this.#grid.seconds * 1000
  }

  /**
   * Where silence is to be cut: at the end of the running segment's cell, then after all whole cells together, however many.
   * @param running the cell of the segment that the silence goes on with; undefined when it begins one
   * @returns the frames before which a segment ends; between `from` and `to`, which may be among them
   */
  silenceCuts (from: number, to: number, running: number | undefined): number[] {
    const first = running === undefined ? from : this.firstFrameOf(running + 1)
    const last = this.firstFrameOf(this.cellOf(to))
    return [...new Set([first, last])].filter((frame) => frame > from && frame >= first && frame <= to)
  }
}

/** What `SegmentRun` needs to know of a file. */
interface CutFile {
  fileNumber: number
  /** The room's time of its first frame, Unix milliseconds. */
  startMs: number
  config: FrameLength
  /** Whether gaps are silence in the file; otherwise they are cut out. */
  fillGaps: boolean
  /** Where the first fragment begins. */
  headerBytes: number
  nextSeq: () => number
}

/**
 * Counts up the segments of a track's file from its fragments and gaps, in the order of the file: while it is written, and again from what lies
 * on the disk. Where a segment ends is said by the writer, live by `close` and in the file by the mark on the next one's first fragment.
 */
export class SegmentRun {
  readonly #file: CutFile
  readonly #frameMs: number
  readonly #gaps: Gap[] = []
  #cutOutMs = 0
  #frames = 0
  #bytes: number
  #running: Pick<Segment, 'firstFrame' | 'byteStart' | 'startMs'> & { innerGapMs: number } | undefined

  constructor (file: CutFile) {
    this.#file = file
    this.#frameMs = file.config.frameSamples * 1000 / file.config.sampleRate
    this.#bytes = file.headerBytes
  }

  /** Whether there is something that `close` would close. */
  get running (): boolean { return this.#running !== undefined }

  /** A gap that lies before the fragment to come. */
  gap (gap: Gap): void {
    if (this.#file.fillGaps) {
      this.#gaps.push(gap)
    } else {
      this.#cutOutMs += gap.endMs - gap.startMs
      if (this.#running !== undefined) this.#running.innerGapMs += gap.endMs - gap.startMs
    }
  }

  /** The next fragment, or several in a row. */
  fragment (frames: number, bytes: number): void {
    this.#running ??= { firstFrame: this.#frames, byteStart: this.#bytes, startMs: this.#roomMs(), innerGapMs: 0 }
    this.#frames += frames
    this.#bytes += bytes
  }

  /** Ends the running segment; undefined when there is none. */
  close (): Segment | undefined {
    if (this.#running === undefined) return undefined
    const { innerGapMs, ...start } = this.#running
    const frames = this.#frames - start.firstFrame
    const endMs = this.#roomMs()
    this.#running = undefined
    return {
      seq: this.#file.nextSeq(),
      fileNumber: this.#file.fileNumber,
      ...start,
      frames,
      byteEnd: this.#bytes,
      endMs,
      durationMs: Math.round(frames * this.#frameMs),
      gapMs: innerGapMs + this.#silenceMs(start.startMs, endMs)
    }
  }

  #silenceMs (startMs: number, endMs: number): number {
    const ms = this.#gaps.reduce((sum, gap) => sum + Math.max(0, Math.min(gap.endMs, endMs) - Math.max(gap.startMs, startMs)), 0)
    const open = this.#gaps.filter((gap) => gap.endMs > endMs)
    this.#gaps.splice(0, this.#gaps.length, ...open)
    return ms
  }

  #roomMs (): number {
    return Math.round(this.#file.startMs + this.#cutOutMs + this.#frames * this.#frameMs)
  }
}
