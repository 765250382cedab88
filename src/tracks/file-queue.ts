import { messageOf, RoomtapeError } from '../core/errors.ts'
import type { FragmentBuffers } from '../media/mp4-writer.ts'
import type { Segment } from '../media/segments.ts'
import type { Gap, TrackSummary, Trim } from '../media/track-summary.ts'

/** What a file of a track is written into. Calls never overlap. */
export interface TrackFile {
  append (bytes: Uint8Array): Promise<void>
  patch (offset: number, bytes: Uint8Array): Promise<void>
  /** Notes a gap where a crash cannot take it. */
  addGap (gap: Gap): Promise<void>
  /** Notes a trim where a crash cannot take it. */
  addTrim (trim: Trim): Promise<void>
  /** Everything is written: makes it durable, notes the summary, closes. */
  finish (summary: TrackSummary): Promise<void>
  /** Closes without finishing; what is there stays for salvage. */
  close (): Promise<void>
}

export type Piece =
  | { kind: 'header', bytes: Uint8Array }
  | { kind: 'fragment', bytes: Uint8Array }
  | { kind: 'silence', chunks: Iterable<Uint8Array> }
  | { kind: 'gap', gap: Gap }
  | { kind: 'trim', trim: Trim }

interface FileQueueOptions {
  file: Promise<TrackFile>
  buffers: FragmentBuffers
  /** A segment is on the disk whole. */
  onSegment: ((segment: Segment) => void) | undefined
  /** Audio is on the disk for the first time. */
  onFirstAudio: () => void
  /** The disk failed, SPOOL_FAILED; at most once, and nothing more is written. */
  onFailure: (error: RoomtapeError) => void
}

/** How many pieces, up to 0.8 s each, may wait for the disk: a minute that arrives in one burst after a stall is not lost. */
const maxWaiting = 96
/** How many may wait when all tracks of the thread together hold too much. */
const maxWaitingCrowded = 4

/** The pieces of one file that wait for the disk: written one after the other. The only queue on a frame's way. */
export class FileQueue {
  readonly #options: FileQueueOptions
  readonly #waiting: Array<Piece & { ends?: Segment }> = []
  #draining: Promise<void> | undefined
  #hasAudio = false
  #failed = false

  constructor (options: FileQueueOptions) {
    this.#options = options
  }

  /** Pieces, about a second each, that wait for the disk. */
  get waiting (): number { return this.#waiting.length }

  /** Whether nothing more should be given to it: the disk is behind. */
  get full (): boolean {
    return this.#waiting.length >= (this.#options.buffers.crowded ? maxWaitingCrowded : maxWaiting)
  }

  /** Whether the disk failed. */
  get failed (): boolean { return this.#failed }

  add (piece: Piece): void {
    if (this.#failed) {
      this.#release(piece)
      return
    }
    this.#waiting.push(piece)
    this.#draining ??= this.#drain()
  }

  /** Has `onSegment` called as soon as all pieces given so far are on the disk. */
  endSegment (segment: Segment): void {
    if (this.#failed) return
    const last = this.#waiting.at(-1)
    if (last === undefined) this.#options.onSegment?.(segment)
    else last.ends = segment
  }

  /** Waits for the disk, patches the header and closes. @returns false when writing failed: the file then stays as it is, for salvage */
  async finish (patch: { offset: number, bytes: Uint8Array }, summary: TrackSummary): Promise<boolean> {
    await this.#draining
    if (this.#failed) return false
    try {
      const file = await this.#options.file
      await file.patch(patch.offset, patch.bytes)
      await file.finish(summary)
      return true
    } catch (error) {
      await this.#fail(error)
      return false
    }
  }

  async #drain (): Promise<void> {
    try {
      const file = await this.#options.file
      for (let piece = this.#waiting[0]; piece !== undefined; piece = this.#waiting[0]) {
        await this.#write(file, piece)
        this.#waiting.shift()
        if (piece.ends !== undefined) this.#options.onSegment?.(piece.ends)
      }
    } catch (error) {
      await this.#fail(error)
    }
    this.#draining = undefined
  }

  async #write (file: TrackFile, piece: Piece): Promise<void> {
    switch (piece.kind) {
      case 'header': await file.append(piece.bytes); break
      case 'fragment':
        await file.append(piece.bytes)
        this.#release(piece)
        if (!this.#hasAudio) this.#options.onFirstAudio()
        this.#hasAudio = true
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

  async #fail (cause: unknown): Promise<void> {
    this.#failed = true
    for (const piece of this.#waiting.splice(0)) this.#release(piece)
    this.#options.onFailure(cause instanceof RoomtapeError ? cause : new RoomtapeError('SPOOL_FAILED', messageOf(cause), { cause }))
    // The first failure is the one that was told; that the file then does not close either adds nothing
    await this.#options.file.then((file) => file.close()).catch(() => undefined)
  }
}
