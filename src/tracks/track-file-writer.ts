import { messageOf, RoomtapeError } from '../core/errors.ts'
import type { AudioConfig } from '../media/aac.ts'
import { Mp4Writer, type FragmentBuffers } from '../media/mp4-writer.ts'
import type { Segment } from '../media/segments.ts'
import { summarize, type Gap, type GapCause, type TrackSummary, type Trim } from '../media/track-summary.ts'
import { PartSegments, type TrackSegments } from './segment-cutter.ts'

/** What a part is written into. Calls never overlap. */
export interface PartFile {
  append (bytes: Uint8Array): Promise<void>
  patch (offset: number, bytes: Uint8Array): Promise<void>
  /** Notes a gap where a crash cannot take it. */
  addGap (gap: Gap): Promise<void>
  /** The same for audio left out. */
  addTrim (trim: Trim): Promise<void>
  /** Everything is written: makes it durable, notes the summary, closes. */
  finish (summary: TrackSummary): Promise<void>
  /** Closes without finishing; what is there stays for salvage. */
  close (): Promise<void>
}

interface TrackPartOptions {
  part: number
  config: AudioConfig
  /** The room's time of the first frame, Unix milliseconds. */
  startMs: number
  file: Promise<PartFile>
  fillGaps: boolean
  buffers: FragmentBuffers
  /** Absent: the part is not cut. `nextSeq` numbers the segments of the track. */
  segments: TrackSegments & { nextSeq: () => number } | undefined
  /** Once: nothing more is written. */
  onFailure: (error: RoomtapeError) => void
}

type Piece = (
  | { kind: 'header', bytes: Uint8Array }
  | { kind: 'fragment', bytes: Uint8Array }
  | { kind: 'silence', chunks: Iterable<Uint8Array> }
  | { kind: 'gap', gap: Gap }
  | { kind: 'trim', trim: Trim }
) & {
  /** The segment that is on the disk when this is. */
  ends?: Segment
}

/** How many pieces, up to 0.8 s each, may wait for the disk: a minute that arrives in one burst after a stall is not lost. */
const maxWaiting = 96
/** How many when all tracks of the thread together hold too much. */
const maxWaitingCrowded = 4
/** Media timestamps are whole milliseconds. */
const timestampRoundingMs = 1
/** By so much of a frame the file may lean to one side on the average of so many frames; then a frame of silence is put in, or one left out. */
const mostLean = 0.6
const leanFrames = 64
/** So far in the future audio may lie: a source is let catch up with what it sent late, not record what has not been. */
const maxAheadMs = 10_000
/** Gaps, and trims, that a file lists. A day of drift and mutes has a tenth; a source that makes more of them has no time worth keeping. */
const maxListed = 20_000
/** A stalled source's frames wait no longer than this for the rest of their fragment. */
const maxFragmentAgeMs = 800

/** One file of a track: frames in at their room time, fragments out to the disk, one after the other. */
export class TrackPart {
  readonly #options: TrackPartOptions
  readonly #writer: Mp4Writer
  readonly #frameMs: number
  readonly #toleranceMs: number
  readonly #segments: PartSegments | undefined
  readonly #mostLeanMs: number
  /** How far frames lie ahead of where the file has them, on the average of the last. */
  #leanMs = 0
  readonly #gaps: Gap[] = []
  readonly #trims: Trim[] = []
  /** The one that may go on. */
  #trim: Trim | undefined
  readonly #waiting: Piece[] = []
  #cutMs = 0
  #fragmentSinceMs = 0
  #arrivedMs = 0
  #draining: Promise<void> | undefined
  #losing = false
  #lostMs = 0
  #failed = false

  constructor (options: TrackPartOptions) {
    this.#options = options
    this.#writer = new Mp4Writer(options.config, options.buffers)
    this.#frameMs = options.config.frameSamples * 1000 / options.config.sampleRate
    this.#toleranceMs = this.#frameMs + timestampRoundingMs
    if (options.segments !== undefined) {
      const { grid, nextSeq } = options.segments
      this.#segments = new PartSegments(grid, { ...options, headerBytes: this.#writer.header.length, nextSeq })
    }
    this.#mostLeanMs = mostLean * this.#frameMs
    this.#enqueue({ kind: 'header', bytes: this.#writer.header })
  }

  /** Where the file ends in the room's time. */
  get endMs (): number {
    return this.#options.startMs + this.#writer.frames * this.#frameMs + this.#cutMs
  }

  /** Pieces, about a second each, that wait for the disk. */
  get waiting (): number { return this.#waiting.length }

  /** Audio that the disk could not take in time; a gap of the file. */
  get lostMs (): number { return this.#lostMs }

  /**
   * Puts a frame where it belongs, with an error of at most one frame either way: a hole of more becomes a gap, a frame that lies further
   * before the end of the file is left out: a fast clock has such now and then, and a source whose frames outrun its own timestamps, or the room.
   * The first is always taken, though another encoding's longer frames may have ended after it began: no file is empty.
   * @param cause of the hole before it, if there is one
   */
  write (bytes: Uint8Array, start: number, end: number, roomMs: number, arrivalMs: number, cause: GapCause): void {
    if (this.#failed) return
    this.#arrivedMs = arrivalMs
    const writer = this.#writer
    const aheadMs = roomMs - this.endMs
    const hole = aheadMs > this.#toleranceMs && this.#gaps.length < maxListed
    const early = writer.frames > 0 && (aheadMs < -this.#toleranceMs || roomMs - arrivalMs > maxAheadMs)
    this.#leanMs = hole || early ? 0 : this.#leanMs + (aheadMs - this.#leanMs) / leanFrames
    const fast = this.#leanMs < -this.#mostLeanMs
    if (early || fast) {
      if (fast) this.#leanMs += this.#frameMs
      this.#leaveOut(roomMs)
      return
    }
    this.#endTrim()
    const late = this.#leanMs > this.#mostLeanMs && this.#gaps.length < maxListed
    if (hole || late || !writer.fits(end - start)) {
      if (this.#full()) {
        this.#losing = true
        this.#lostMs += this.#frameMs
        return
      }
      if (hole) this.#gap(roomMs, this.#losing ? 'overload' : cause)
      else if (late) this.#gap(this.endMs + this.#frameMs, 'drift')
      if (!writer.fits(end - start)) this.#flush()
      this.#losing = false
    }
    if (writer.pendingFrames === 0) this.#fragmentSinceMs = arrivalMs
    writer.add(bytes, start, end)
    if (writer.frames === this.#segments?.cutAt) this.#cut()
  }

  /** Writes what a stalled source has left behind. */
  tick (nowMs: number): void {
    if (this.#segments?.isLate(nowMs, this.#arrivedMs) === true && !this.#full()) this.#cut()
    if (this.#writer.pendingFrames > 0 && nowMs - this.#fragmentSinceMs >= maxFragmentAgeMs && !this.#full()) this.#flush()
  }

  /** Undefined when writing failed: the file then stays as it is, for salvage. */
  async finish (): Promise<TrackSummary | undefined> {
    this.#endTrim()
    this.#cut()
    await this.#draining
    if (this.#failed) return undefined
    const { part, startMs, fillGaps, config } = this.#options
    const summary = summarize({ part, startMs, fillGaps, config, gaps: this.#gaps, trims: this.#trims, frames: this.#writer.frames, partial: false })
    const patch = this.#writer.durationPatch()
    try {
      const file = await this.#options.file
      await file.patch(patch.offset, patch.bytes)
      await file.finish(summary)
      return summary
    } catch (error) {
      await this.#fail(error)
      return undefined
    }
  }

  #leaveOut (roomMs: number): void {
    this.#trim ??= { atMs: Math.round(roomMs), atFrame: this.#writer.frames, frames: 0 }
    this.#trim.frames++
  }

  #endTrim (): void {
    if (this.#trim === undefined || this.#trims.length >= maxListed) return
    this.#trims.push(this.#trim)
    this.#enqueue({ kind: 'trim', trim: this.#trim })
    this.#trim = undefined
  }

  #gap (roomMs: number, cause: GapCause): void {
    if (cause === 'drift') this.#leanMs -= this.#frameMs
    const startMs = this.endMs
    const gap: Gap = { startMs: Math.round(startMs), endMs: Math.round(roomMs), cause, atFrame: this.#writer.frames }
    this.#gaps.push(gap)
    this.#flush()
    this.#enqueue({ kind: 'gap', gap })
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
      this.#enqueue({ kind: 'silence', chunks: writer.silence(count) })
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
    if (segment === undefined || this.#failed) return
    this.#writer.startSegment()
    const last = this.#waiting.at(-1)
    if (last === undefined) this.#options.segments?.onSegment(segment)
    else last.ends = segment
  }

  #flush (): void {
    const frames = this.#writer.pendingFrames
    const bytes = this.#writer.takeFragment()
    if (bytes === undefined) return
    this.#segments?.fragment(frames, bytes.length)
    this.#enqueue({ kind: 'fragment', bytes })
  }

  #enqueue (piece: Piece): void {
    if (this.#failed) {
      this.#release(piece)
      return
    }
    this.#waiting.push(piece)
    this.#draining ??= this.#drain()
  }

  async #drain (): Promise<void> {
    try {
      const file = await this.#options.file
      for (let piece = this.#waiting[0]; piece !== undefined; piece = this.#waiting[0]) {
        await this.#put(file, piece)
        this.#waiting.shift()
        if (piece.ends !== undefined) this.#options.segments?.onSegment(piece.ends)
      }
    } catch (error) {
      await this.#fail(error)
    }
    this.#draining = undefined
  }

  async #put (file: PartFile, piece: Piece): Promise<void> {
    switch (piece.kind) {
      case 'header': await file.append(piece.bytes); break
      case 'fragment':
        await file.append(piece.bytes)
        this.#release(piece)
        break
      case 'silence': for (const chunk of piece.chunks) await file.append(chunk); break
      case 'gap': await file.addGap(piece.gap); break
      case 'trim': await file.addTrim(piece.trim); break
      default: piece satisfies never
    }
  }

  #release (piece: Piece): void {
    if (piece.kind === 'fragment') this.#options.buffers.give(piece.bytes)
  }

  #full (): boolean {
    return this.#waiting.length >= (this.#options.buffers.crowded ? maxWaitingCrowded : maxWaiting)
  }

  async #fail (cause: unknown): Promise<void> {
    this.#failed = true
    for (const piece of this.#waiting.splice(0)) this.#release(piece)
    this.#options.onFailure(cause instanceof RoomtapeError ? cause : new RoomtapeError('SPOOL_FAILED', messageOf(cause), { cause }))
    // The first failure is the one that was told; that the file then does not close either adds nothing
    await this.#options.file.then((file) => file.close()).catch(() => undefined)
  }
}
