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
