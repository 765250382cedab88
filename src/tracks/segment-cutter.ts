import type { AudioConfig } from '../media/audio-config.ts'
import { FrameCells, SegmentRun, type Segment, type SegmentGrid } from '../media/segments.ts'
import type { Gap } from '../media/track-summary.ts'

export interface TrackSegments {
  grid: SegmentGrid
  /** A segment is on the disk. */
  onSegment: (segment: Segment) => void
}

/** What the cutter needs to know of a file. */
interface CutFile {
  fileNumber: number
  startMs: number
  config: AudioConfig
  fillGaps: boolean
  headerBytes: number
  nextSeq: () => number
}

/**
 * How long no frame must have come before a cell whose time is up is closed: network stalls that are shorter leave it whole. What comes later
 * still becomes another segment of the same cell.
 */
const silentMs = 1000

/** Cuts one file while it is written: says when a segment is to end, and gives what was cut. */
export class SegmentCutter {
  readonly #cells: FrameCells
  readonly #run: SegmentRun
  readonly #fillGaps: boolean
  /** The cell of the running segment, or of what comes next. */
  #cell: number
  #frames = 0
  #cutAt: number

  constructor (grid: SegmentGrid, file: CutFile) {
    this.#cells = new FrameCells(grid, file.config, file.startMs)
    this.#run = new SegmentRun(file)
    this.#fillGaps = file.fillGaps
    this.#cell = this.#cells.cellOf(0)
    this.#cutAt = this.#cells.firstFrameOf(this.#cell + 1)
  }

  /** The number of frames with which the cell is full. */
  get cutAt (): number { return this.#cutAt }

  fragment (frames: number, bytes: number): void {
    this.#frames += frames
    this.#run.fragment(frames, bytes)
  }

  /**
   * A gap before the fragment to come. One that is cut out may take what follows into another cell.
   * @returns the segment that ends with it
   */
  gap (gap: Gap): Segment | undefined {
    let ended: Segment | undefined
    if (!this.#fillGaps) {
      this.#cells.cutOut(gap.endMs - gap.startMs)
      if (this.#cells.cellOf(this.#frames) !== this.#cell) ended = this.close()
      this.#aim()
    }
    this.#run.gap(gap)
    return ended
  }

  /** @returns the numbers of frames at which silence that is written next has to be cut, up to `frames` in all */
  silenceCuts (frames: number): number[] {
    return this.#cells.silenceCuts(this.#frames, frames, this.#run.running ? this.#cell : undefined)
  }

  /** Whether the running segment waits in vain for the rest of its cell. @param arrivedMs when the last frame came */
  isLate (nowMs: number, arrivedMs: number): boolean {
    return this.#run.running && nowMs - arrivedMs >= silentMs && nowMs >= this.#cells.endMsOf(this.#cell)
  }

  /** Ends the running segment with the last fragment. */
  close (): Segment | undefined {
    const segment = this.#run.close()
    this.#aim()
    return segment
  }

  #aim (): void {
    if (!this.#run.running) this.#cell = this.#cells.cellOf(this.#frames)
    this.#cutAt = this.#cells.firstFrameOf(this.#cell + 1)
  }
}
