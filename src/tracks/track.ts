import { maxAacFrameBytes } from '../media/aac.ts'
import type { AudioConfig } from '../media/audio-config.ts'
import type { AudioSink, SourceEnd } from '../media/audio-sink.ts'
import type { GapCause, TrackSummary } from '../media/track-summary.ts'
import { HeldFrames } from './clock/anchor.ts'
import { MediaClock } from './clock/place.ts'
import { TrackFiles, type TrackFilesOptions } from './track-files.ts'

/** How the hole up to the next connection is called. */
const endCauses = { disconnected: 'reconnected', refused: 'reconnected', replaced: 'takeover', stopped: 'disconnected' } as const satisfies Record<SourceEnd, GapCause>

/**
 * One anchor's audio, from an engine to files. This file is the way of a frame: what may happen to it, in this order, and who decides it.
 *
 * 1. `write` leaves it out: no configuration came before it, it is no AAC frame by its size, or the track is closed or its disk failed.
 * 2. `#hold` holds it while the clock is not anchored: at a connection's beginning and after a leap (`clock/anchor.ts`).
 * 3. `#clock` places it: its moment of the room's time, by the source's timestamps, whose drift and stalls are followed (`clock/place.ts`,
 *    `clock/drift.ts`, `clock/stall.ts`).
 * 4. `#put` leaves it out while the track is paused.
 * 5. `#files` begins a file with it, or leaves it out when too many were begun (`track-files.ts`).
 * 6. `fitOf` compares its moment with the end of the file (`clock/fit.ts`). Too early: it is trimmed, that is left out and listed.
 * 7. `hasRoom` leaves it out while the disk is behind (`file-queue.ts`): a gap with the cause `overload`.
 * 8. `fill` makes a gap where there is a hole before it: silence, or cut out. A slow clock has one frame of silence put in now and then.
 * 9. `add` writes it into the fragment to come (`track-file-writer.ts`).
 *
 * A file begins with the first frame and ends with the last; another encoding begins another file. Nothing here throws into the engine or keeps
 * time by itself: call `tick` about once a second.
 */
export class Track implements AudioSink {
  readonly #files: TrackFiles
  readonly #clock = new MediaClock()
  readonly #held = new HeldFrames()
  #config: AudioConfig | undefined
  #frameMs = 0
  #paused = false
  /** Whether frames have been left out by a pause since the last one that was written. */
  #pausedSinceFrame = false
  /** Where the frames left out by pauses end, Unix milliseconds. */
  #pausedEndMs = -Infinity
  #closed = false
  #keptMs: number | null = null

  constructor (options: TrackFilesOptions) {
    this.#files = new TrackFiles(options)
  }

  /** Fragments of the present file that wait for the disk. */
  get waiting (): number { return this.#files.current?.waiting ?? 0 }

  /** Audio that was lost because the disk could not keep up; it is in the gaps, cause `overload`. */
  get lostMs (): number { return this.#files.lostMs }

  /** Where the track ends in the room's time, Unix milliseconds, frames that a pause left out included; −Infinity before the first frame. */
  get endMs (): number { return Math.max(this.#files.endMs, this.#pausedEndMs) }

  /** When the last frame that was kept arrived, Unix milliseconds; null before the first. */
  get lastFrameMs (): number | null { return this.#keptMs }

  configure (config: AudioConfig): void {
    if (this.#config !== undefined && Buffer.compare(this.#config.config, config.config) === 0) return
    this.#anchor()
    this.#files.finishCurrent()
    this.#config = { ...config, config: Uint8Array.from(config.config) }
    this.#frameMs = config.frameSamples * 1000 / config.sampleRate
  }

  write (bytes: Uint8Array, start: number, end: number, timestampMs: number, arrivalMs: number): void {
    if (this.#config === undefined || this.#files.failed || this.#closed || end <= start || end - start > maxAacFrameBytes) return
    if (this.#clock.continues(timestampMs, arrivalMs, this.#frameMs)) {
      this.#put(bytes, start, end, this.#clock.place(timestampMs, arrivalMs, this.endMs, this.#frameMs), arrivalMs)
    } else {
      this.#hold(bytes, start, end, timestampMs, arrivalMs)
    }
  }

  /** Also called, with `stopped`, when its source is let go while no connection is there. */
  end (reason: SourceEnd): void {
    this.#anchor()
    this.#clock.end(endCauses[reason])
  }

  /** While paused, frames are heard, so that the clock goes on, and left out. The hole they leave is `paused`. */
  pause (paused: boolean): void {
    this.#anchor()
    this.#paused = paused
  }

  /** To be called once a second or so. @param nowMs Unix milliseconds */
  tick (nowMs: number): void {
    if (this.#held.isDue(nowMs)) this.#anchor()
    this.#files.current?.tick(nowMs)
  }

  /** Resolves when every file is complete and durable; none when no frame ever came. Takes no more audio from the moment of the call. */
  async close (): Promise<TrackSummary[]> {
    this.#closed = true
    this.#anchor()
    return this.#files.close()
  }

  #hold (bytes: Uint8Array, start: number, end: number, timestampMs: number, arrivalMs: number): void {
    if (this.#held.isCutOffFrom(timestampMs, arrivalMs)) {
      this.#anchor()
      this.write(bytes, start, end, timestampMs, arrivalMs)
      return
    }
    this.#held.add(bytes, start, end, timestampMs, arrivalMs)
    if (this.#held.isDue(arrivalMs)) this.#anchor()
  }

  /** Anchors the clock by the least delayed of the frames held, and lets them all in. */
  #anchor (): void {
    const { frames: [first, ...others], firstMs } = this.#held.take()
    if (first === undefined) return
    this.#put(first.bytes, 0, first.bytes.length, this.#clock.anchor(first.timestampMs, firstMs, first.arrivalMs, this.endMs, this.#frameMs), first.arrivalMs)
    for (const { bytes, timestampMs, arrivalMs } of others) {
      const roomMs = this.#clock.continues(timestampMs, arrivalMs, this.#frameMs)
        ? this.#clock.place(timestampMs, arrivalMs, this.endMs, this.#frameMs)
        : this.#clock.anchor(timestampMs, arrivalMs, arrivalMs, this.endMs, this.#frameMs)
      this.#put(bytes, 0, bytes.length, roomMs, arrivalMs)
    }
  }

  #put (bytes: Uint8Array, start: number, end: number, roomMs: number, arrivalMs: number): void {
    if (this.#config === undefined || this.#files.failed) return
    if (this.#paused) {
      this.#pausedSinceFrame = true
      this.#pausedEndMs = Math.max(this.endMs, roomMs + this.#frameMs)
      return
    }
    const file = this.#files.current ?? this.#files.begin(this.#config, Math.round(Math.max(roomMs, this.endMs)), arrivalMs)
    if (file === undefined) return
    const fit = file.fitOf(roomMs, arrivalMs)
    if (fit === 'early' || fit === 'fast') {
      file.trim(roomMs)
    } else if (!file.hasRoom(fit, end - start)) {
      file.lose()
    } else {
      if (fit === 'hole') file.fill(roomMs, this.#pausedSinceFrame ? 'paused' : this.#clock.cause)
      else if (fit === 'slow') file.fillDrift()
      file.add(bytes, start, end, arrivalMs)
      this.#keptMs = arrivalMs
    }
    this.#pausedSinceFrame = false
  }
}
