import type { Segment } from '../media/segments.ts'
import type { TrackSummary } from '../media/track-summary.ts'

/** A file of a track that the store has confirmed. */
export interface StoredFile extends TrackSummary {
  /** Object key, and the URL it is read from. */
  key: string
  url: string
  bytes: number
  /** Lower-case hex. */
  sha256: string
}

/** A segment of a track that the store has confirmed. */
export interface StoredSegment extends Omit<Segment, 'byteStart' | 'byteEnd'> {
  /** Object key, and the URL it is read from. */
  key: string
  url: string
  bytes: number
  /** Lower-case hex. */
  sha256: string
  /** Of the AAC core. */
  sampleRate: number
  channels: number
  /** The writer did not live to finish it: it ends with its last whole fragment. */
  partial: boolean
}
