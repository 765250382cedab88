import type { AudioConfig } from './audio-config.ts'

/** Why a source went away. */
export type SourceEnd = 'disconnected' | 'replaced' | 'stopped' | 'refused'

/** Why a source's audio cannot be used: another codec, or frames without the configuration that says how to read them. */
export type UnusableAudio = 'codec' | 'noConfiguration'

/**
 * What an engine writes one anchor's audio into. Calls are synchronous, one per frame and without an object or promise each:
 * at 3000 tracks that is 140 000 frames a second. The bytes belong to the engine and are valid during the call only.
 */
export interface AudioSink {
  /** A connection is here that may bring audio. */
  begin? (): void
  /** Before the first frame, and again whenever the encoding changes. */
  configure (config: AudioConfig): void
  /**
   * One encoded frame: `bytes` from `start` up to `end`.
   * @param timestampMs the source's own media clock, 32 bit, may wrap, jump or restart
   * @param arrivalMs Unix milliseconds on this machine
   */
  write (bytes: Uint8Array, start: number, end: number, timestampMs: number, arrivalMs: number): void
  /** No more will come from this connection; another may follow. */
  end (reason: SourceEnd): void
  /** This connection brings audio that cannot be used; told once. @param message for people; nothing in it is of the source's own words */
  unusable? (cause: UnusableAudio, message: string): void
}
