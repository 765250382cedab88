import type { Segment } from '../media/segments.ts'
import type { TrackSummary } from '../media/track-summary.ts'

/** An object that a store has confirmed. */
export interface UploadedObject {
  /** Object key. */
  key: string
  /** Where the object is read from. */
  url: string
  bytes: number
  /** Lower-case hex. */
  sha256: string
}

/** A file of a track that a store has confirmed. */
export interface UploadedFile extends TrackSummary, UploadedObject {}

/** A segment of a track that a store has confirmed. */
export interface UploadedSegment extends Omit<Segment, 'byteStart' | 'byteEnd'>, UploadedObject {
  /** Of the AAC core. */
  sampleRate: number
  channels: number
  /** The writer did not live to finish it: it ends with its last whole fragment. */
  partial: boolean
}
