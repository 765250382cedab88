import { maxAacFrameBytes, parseAudioSpecificConfig } from '../../media/aac.ts'
import { aacTagHeaderBytes, audioTagOf, codecName, readEnhancedAudio } from '../../media/flv.ts'
import { messageOf, RoomtapeError } from '../../core/errors.ts'
import type { AudioSink, UnusableAudio } from '../../media/audio-sink.ts'

/** A publisher sent audio that we do not record; the text may be told to it. */
export class CodecRefused extends Error {
  /** The same, without anything that the publisher sent. */
  readonly reason: string

  constructor (message: string, reason = message) {
    super(message)
    this.reason = reason
  }
}

/** The sink threw: our fault, not the publisher's. */
export class SinkFailed extends Error {}

/** Counts what a publication brings. */
export interface FrameCounter {
  countFrame (bytes: number): void
  /** A frame that cannot be used, because no configuration came before it. */
  countDropped (): void
}

/** How long frames come without their configuration before that is told: it may just be late. */
const withoutConfigMs = 1_000
const withoutConfig = 'AAC frames came without the configuration that says how to read them'

/** One publish on a connection: its audio tags, on their way into a sink. */
export class Publication {
  /** The message stream it was published on. */
  readonly streamId: number
  readonly sink: AudioSink
  readonly #counter: FrameCounter
  readonly #tell: (cause: UnusableAudio, message: string) => void
  #config: Uint8Array | undefined
  /** Arrival of the first frame, when no configuration had come by then; −1: none has. */
  #uselessSinceMs = -1

  /** @param tell takes why audio cannot be used, which it may be given again and again */
  constructor (streamId: number, sink: AudioSink, counter: FrameCounter, tell: (cause: UnusableAudio, message: string) => void) {
    this.streamId = streamId
    this.sink = sink
    this.#counter = counter
    this.#tell = tell
  }

  /** Nothing more will come: tells if nothing of what came could be used. */
  end (): void {
    if (this.#uselessSinceMs >= 0 && this.#config === undefined) this.#tell('noConfiguration', withoutConfig)
  }

  /**
   * Takes the body of an audio tag.
   * @throws CodecRefused, SinkFailed, or RoomtapeError VALIDATION for what is no audio tag
   */
  write (bytes: Buffer, start: number, end: number, timestampMs: number, arrivalMs: number): void {
    const kind = audioTagOf(bytes, start, end)
    switch (kind) {
      case 'frame': this.#writeFrame(bytes, start + aacTagHeaderBytes, end, timestampMs, arrivalMs); break
      case 'config': this.#configure(bytes.subarray(start + aacTagHeaderBytes, end)); break
      case 'empty': break
      case 'enhanced': this.#writeEnhanced(bytes, start, end, timestampMs, arrivalMs); break
      case 'other-codec': throw new CodecRefused(`${codecName(bytes.readUInt8(start))}, expected AAC`)
      default: kind satisfies never
    }
  }

  #writeEnhanced (bytes: Buffer, start: number, end: number, timestampMs: number, arrivalMs: number): void {
    const { kind, at } = readEnhancedAudio(bytes, start, end)
    switch (kind) {
      case 'frame': this.#writeFrame(bytes, at, end, timestampMs, arrivalMs); break
      case 'config': this.#configure(bytes.subarray(at, end)); break
      case 'empty': break
      case 'other-codec': throw new CodecRefused('a codec of Enhanced RTMP, expected AAC')
      default: kind satisfies never
    }
  }

  #writeFrame (bytes: Buffer, start: number, end: number, timestampMs: number, arrivalMs: number): void {
    if (this.#config === undefined) {
      this.#drop(arrivalMs)
      return
    }
    if (end - start > maxAacFrameBytes) throw new RoomtapeError('VALIDATION', `an AAC frame of ${end - start} bytes`)
    this.#counter.countFrame(end - start)
    try {
      this.sink.write(bytes, start, end, timestampMs, arrivalMs)
    } catch (error) {
      throw new SinkFailed('the sink threw', { cause: error })
    }
  }

  #drop (arrivalMs: number): void {
    this.#counter.countDropped()
    if (this.#uselessSinceMs < 0) this.#uselessSinceMs = arrivalMs
    else if (arrivalMs - this.#uselessSinceMs >= withoutConfigMs) this.#tell('noConfiguration', withoutConfig)
  }

  /** Publishers send the same configuration again, some of them every few seconds. */
  #configure (config: Buffer): void {
    if (this.#config !== undefined && config.equals(this.#config)) return
    let parsed
    try {
      parsed = parseAudioSpecificConfig(config)
    } catch (error) {
      throw new CodecRefused(messageOf(error), 'an AAC configuration that cannot be recorded, expected AAC-LC')
    }
    this.#config = Uint8Array.from(config)
    try {
      this.sink.configure(parsed)
    } catch (error) {
      throw new SinkFailed('the sink threw', { cause: error })
    }
  }
}
