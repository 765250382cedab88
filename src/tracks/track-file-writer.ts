import type { RoomtapeError } from '../core/errors.ts'
import type { AudioConfig } from '../media/audio-config.ts'
import { Mp4Writer, type FragmentBuffers } from '../media/mp4-writer.ts'
import type { Segment } from '../media/segments.ts'
import { summarize, type Gap, type GapCause, type TrackSummary, type Trim } from '../media/track-summary.ts'
import { FileFit, type Fit } from './clock/fit.ts'
import { FileQueue, type TrackFile } from './file-queue.ts'
import { SegmentCutter, type TrackSegments } from './segment-cutter.ts'

interface TrackFileWriterOptions {
  /** 1, 2, … within the track. */
  fileNumber: number
  config: AudioConfig
  /** The room's time of the first frame, Unix milliseconds. */
  startMs: number
  /** The track was gone on with by this file. */
  resumed: boolean
  file: Promise<TrackFile>
  fillGaps: boolean
  buffers: FragmentBuffers
  /** Absent: the file is not cut. `nextSeq` numbers the segments of the track. */
  segments: TrackSegments & { nextSeq: () => number } | undefined
  /** The file's first fragment is on the disk. */
  onFirstAudio: () => void
  /** The disk failed, SPOOL_FAILED; at most once, and nothing more is written. */
  onFailure: (error: RoomtapeError) => void
}

/** Gaps, and trims, that a file lists. A day of drift and mutes has a tenth; a source that makes more of them has no time worth keeping. */
const maxListed = 20_000
/** How long a stalled source's frames wait for the rest of their fragment. */
const maxFragmentAgeMs = 800

/** One file of a track: frames and gaps in, fragments out to the disk. Where a frame goes is decided by who calls it (track.ts). */
export class TrackFileWriter {
  readonly #options: TrackFileWriterOptions
  readonly #writer: Mp4Writer
  readonly #queue: FileQueue
  readonly #fit: FileFit
  readonly #frameMs: number
  readonly #segments: SegmentCutter | undefined
  readonly #gaps: Gap[] = []
  readonly #trims: Trim[] = []
  /** The trim that may go on with the next frame. */
  #trim: Trim | undefined
  /** How much of the room's time was cut out of the file. */
  #cutMs = 0
  #fragmentSinceMs = 0
  #arrivedMs = 0
  #losing = false
  #lostMs = 0

  constructor (options: TrackFileWriterOptions) {
    const { config, file, buffers, segments, onFirstAudio, onFailure } = options
    this.#options = options
    this.#writer = new Mp4Writer(config, buffers)
    this.#queue = new FileQueue({ file, buffers, onSegment: segments?.onSegment, onFirstAudio, onFailure })
    this.#frameMs = config.frameSamples * 1000 / config.sampleRate
    this.#fit = new FileFit(this.#frameMs)
    if (segments !== undefined) {
      this.#segments = new SegmentCutter(segments.grid, { ...options, headerBytes: this.#writer.header.length, nextSeq: segments.nextSeq })
    }
    this.#queue.add({ kind: 'header', bytes: this.#writer.header })
  }

  /** Where the file ends in the room's time, Unix milliseconds. */
  get endMs (): number {
    return this.#options.startMs + this.#writer.frames * this.#frameMs + this.#cutMs
  }

  /** Pieces, about a second each, that wait for the disk. */
  get waiting (): number { return this.#queue.waiting }

  /** Audio that the disk could not take in time; a gap of the file. */
  get lostMs (): number { return this.#lostMs }

  /** Whether the disk failed: nothing more is written. */
  get failed (): boolean { return this.#queue.failed }

  /** Where the next frame lies to the end of the file. @param roomMs the room's time of the frame */
  fitOf (roomMs: number, arrivalMs: number): Fit {
    this.#arrivedMs = arrivalMs
    return this.#fit.of(roomMs - this.endMs, roomMs - arrivalMs, this.#writer.frames === 0, this.#gaps.length < maxListed)
  }

  /** Whether a frame can be taken now. It cannot while the disk is behind and a gap, or a fragment, has to be given to it first. */
  hasRoom (fit: Fit, byteLength: number): boolean {
    return (fit === 'follows' && this.#writer.fits(byteLength)) || !this.#queue.full
  }

  /** Leaves a frame out that lies before the end of the file, and lists it. */
  trim (roomMs: number): void {
    this.#trim ??= { atMs: Math.round(roomMs), atFrame: this.#writer.frames, frames: 0 }
    this.#trim.frames++
  }

  /** Leaves a frame out that the disk has no time for: part of the next gap, whose cause then is `overload`. */
  lose (): void {
    this.#endTrim()
    this.#losing = true
    this.#lostMs += this.#frameMs
  }

  /** Makes a gap up to the room's time of the next frame: silence, or cut out. @param cause unless the disk was behind */
  fill (roomMs: number, cause: GapCause): void {
    this.#gap(roomMs, this.#losing ? 'overload' : cause)
  }

  /** Makes up for a slow clock by one frame of silence. */
  fillDrift (): void {
    this.#fit.filledDrift()
    this.#gap(this.endMs + this.#frameMs, 'drift')
  }

  /** Writes a frame at the end of the file. */
  add (bytes: Uint8Array, start: number, end: number, arrivalMs: number): void {
    const writer = this.#writer
    this.#endTrim()
    if (!writer.fits(end - start)) {
      this.#flush()
      this.#losing = false
    }
    if (writer.pendingFrames === 0) this.#fragmentSinceMs = arrivalMs
    writer.add(bytes, start, end)
    if (writer.frames === this.#segments?.cutAt) this.#cut()
  }

  /** Writes what a stalled source has left behind. @param nowMs Unix milliseconds */
  tick (nowMs: number): void {
    if (this.#segments?.isLate(nowMs, this.#arrivedMs) === true && !this.#queue.full) this.#cut()
    if (this.#writer.pendingFrames > 0 && nowMs - this.#fragmentSinceMs >= maxFragmentAgeMs && !this.#queue.full) this.#flush()
  }

  /** Undefined when writing failed: the file then stays as it is, for salvage. */
  async finish (): Promise<TrackSummary | undefined> {
    this.#endTrim()
    this.#cut()
    const { fileNumber, startMs, resumed, fillGaps, config } = this.#options
    const written = { gaps: this.#gaps, trims: this.#trims, frames: this.#writer.frames, partial: false }
    const summary = summarize({ fileNumber, startMs, resumed, fillGaps, config, ...written })
    return await this.#queue.finish(this.#writer.durationPatch(), summary) ? summary : undefined
  }

  #endTrim (): void {
    if (this.#trim === undefined || this.#trims.length >= maxListed) return
    this.#trims.push(this.#trim)
    this.#queue.add({ kind: 'trim', trim: this.#trim })
    this.#trim = undefined
  }

  #gap (roomMs: number, cause: GapCause): void {
    this.#endTrim()
    this.#losing = false
    const startMs = this.endMs
    const gap: Gap = { startMs: Math.round(startMs), endMs: Math.round(roomMs), cause, atFrame: this.#writer.frames }
    this.#gaps.push(gap)
    this.#flush()
    this.#queue.add({ kind: 'gap', gap })
    this.#end(this.#segments?.gap(gap))
    if (this.#options.fillGaps) this.#fill(Math.round((roomMs - startMs) / this.#frameMs))
    else this.#cutMs += gap.endMs - gap.startMs // as noted, so that rounding does not add up
  }

  #fill (frames: number): void {
    const writer = this.#writer
    const endFrame = writer.frames + frames
    const cuts = this.#segments?.silenceCuts(endFrame) ?? []
    for (const cut of new Set([...cuts, endFrame])) {
      const count = cut - writer.frames
      this.#segments?.fragment(count, writer.silenceBytes(count))
      this.#queue.add({ kind: 'silence', chunks: writer.silence(count) })
      if (cuts.includes(cut)) this.#end(this.#segments?.close())
    }
  }

  /** Ends the fragment and the segment. */
  #cut (): void {
    this.#flush()
    this.#end(this.#segments?.close())
  }

  /** Tells of a segment as soon as all of it is on the disk. */
  #end (segment: Segment | undefined): void {
    if (segment === undefined || this.failed) return
    this.#writer.startSegment()
    this.#queue.endSegment(segment)
  }

  #flush (): void {
    const frames = this.#writer.pendingFrames
    const bytes = this.#writer.takeFragment()
    if (bytes === undefined) return
    this.#segments?.fragment(frames, bytes.length)
    this.#queue.add({ kind: 'fragment', bytes })
  }
}
