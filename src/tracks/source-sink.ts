import type { AudioConfig } from '../media/audio-config.ts'
import type { AudioSink, SourceEnd, UnusableAudio } from '../media/audio-sink.ts'
import type { TrackReport } from './messages.ts'
import type { Track } from './track.ts'

interface SourceSinkOptions {
  trackId: string
  sourceId: string
  track: Track
  report: (report: TrackReport) => void
  /** The first frame of a connection is here: from now on its source is the track's, and no other is. */
  onFirstFrame: () => void
  /** What has to be added to a time of the clock of arrivals for one of the recording's. */
  clockOffsetMs: number
  /** The clock of arrivals. */
  monotonicMs: () => number
}

/**
 * One of the sources that were asked for a track. The first to bring a frame becomes the track's: its audio is passed on, and told when it begins
 * and ends. Until then nothing of it reaches the track.
 */
export class SourceSink implements AudioSink {
  readonly #options: SourceSinkOptions
  /** What came before the first frame. */
  #config: AudioConfig | undefined
  #isChosen = false
  /** Whether the present connection has brought a frame. */
  #hasBegun = false
  /** Whether it was told that audio comes. */
  #live = false
  /** Whether it was told that a connection is here. */
  #isPushed = false
  #lastFrameMs = 0

  constructor (options: SourceSinkOptions) {
    this.#options = options
  }

  /** When its last frame arrived, Unix milliseconds; 0 before the first. */
  get lastFrameMs (): number { return this.#lastFrameMs }

  get #nowMs (): number { return this.#options.monotonicMs() + this.#options.clockOffsetMs }

  begin (): void {
    if (this.#isPushed) return // a newer connection of the source took over
    this.#isPushed = true
    const { trackId, sourceId, report } = this.#options
    report({ type: 'pushed', trackId, sourceId, atMs: this.#nowMs })
  }

  configure (config: AudioConfig): void {
    if (this.#isChosen) this.#options.track.configure(config)
    else this.#config = { ...config, config: Uint8Array.from(config.config) }
  }

  write (bytes: Uint8Array, start: number, end: number, timestampMs: number, arrivalMs: number): void {
    const { track, clockOffsetMs } = this.#options
    this.#lastFrameMs = arrivalMs + clockOffsetMs
    if (!this.#hasBegun) this.#begin()
    track.write(bytes, start, end, timestampMs, this.#lastFrameMs)
  }

  end (reason: SourceEnd): void {
    this.#hasBegun = false
    if (this.#isChosen) this.#options.track.end(reason)
    // A newer connection of the same source goes on at once
    if (!(this.#live || this.#isPushed) || reason === 'replaced') return
    this.#live = false
    this.#isPushed = false
    const { trackId, sourceId, report } = this.#options
    report({ type: 'lost', trackId, sourceId, atMs: this.#nowMs, lastFrameMs: this.#isChosen ? this.#lastFrameMs : null })
  }

  unusable (cause: UnusableAudio, message: string): void {
    const { trackId, sourceId, report } = this.#options
    report({ type: 'unusable', trackId, sourceId, cause, message })
  }

  /** Its key is closed: audio that follows is of another source, whether or not a connection was there to be ended. */
  release (): void {
    if (this.#isChosen) this.#options.track.end('stopped')
  }

  #begin (): void {
    this.#hasBegun = true
    const { trackId, sourceId, track, report, onFirstFrame } = this.#options
    onFirstFrame()
    if (!this.#isChosen) {
      this.#isChosen = true
      if (this.#config !== undefined) track.configure(this.#config)
      this.#config = undefined
    }
    if (this.#live) return // a newer connection of the source took over
    this.#live = true
    report({ type: 'live', trackId, sourceId, atMs: this.#lastFrameMs })
  }
}
