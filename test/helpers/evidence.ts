import type { Timeline } from '../../src/timeline/schema.ts'
import type { Ledger } from './frame-ledger.ts'

/** A file as the callback and `GET /v1/recordings/{id}` tell of it. */
export interface ToldFile {
  UserId: string
  Status?: number
  Key: string
  RecordFile: string
  Bytes: number
  Sha256: string
  StartMs: number
  EndMs: number
  DurationMs: number
  GapMs: number
  Partial: boolean
  Label: string
}

export interface ToldSegment extends ToldFile { TrackId: string, Seq: number }

/** The body of a callback. */
export interface ToldEvent {
  Id: string
  Type: string
  RecordingId: string
  Reason?: string
  /** Audio that was received is in no file. */
  Incomplete?: boolean
  Files?: ToldFile[]
  TimelineFile?: string
  Segment?: ToldSegment
}

/** `GET /v1/recordings/{id}`, as far as it is judged. */
export interface ToldRecording {
  Status: string
  Reason: string | null
  Message: string
  TimelineFile: string
  Files: ToldFile[]
  Tracks: { TrackId: string, UserId: string, State: string, Segments: number, LastSeq: number }[]
  Deliveries: { Type: string, State: string }[]
}

/**
 * An object was put, whole, and the answer did not get lost. `life`: of the gateway's lives, counted from 0; `disturbed`: since it was put before,
 * a request for it met a fault of the bucket.
 */
export interface Put { key: string, life: number, disturbed: boolean }

/** `putMs`: when it was put last, Unix milliseconds. */
export interface StoredObject { content: Buffer, putMs: number }

/** What came to the receiver. */
export interface ToldAttempt { body: ToldEvent, receivedMs: number, signature: string, duplicate: boolean, life: number }

/** All that is known of one recording when it is over: what was said, what is in the bucket, what was told. */
export interface Evidence {
  recordingId: string
  ledger: Ledger
  segmentSeconds: number
  /** What came to the receiver, refused attempts too. */
  attempts: readonly ToldAttempt[]
  detail: ToldRecording
  timeline: Timeline
  /** Of this recording, by key. */
  objects: ReadonlyMap<string, StoredObject>
  puts: readonly Put[]
  /** Uploads in parts that are under way still. */
  unfinished: readonly string[]
  /** Files that wait in the spool. */
  spooled: readonly string[]
  exitCode: number | null
}

/** A file or segment with what is in it: numbers of frames, undefined for silence. */
export interface JudgedFile<Told extends ToldFile = ToldFile> { told: Told, content: Buffer, frames: (number | undefined)[] }
