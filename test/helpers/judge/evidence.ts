import type { CallFault } from '../../../src/sandbox/cloud/faults.ts'
import type { TaskView } from '../../../src/sandbox/cloud/relay-tasks.ts'
import type { Timeline } from '../../../src/timeline/schema.ts'
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
  Message?: string
  /** Audio that came, or was announced, is in no file. */
  Incomplete?: boolean
  Warnings?: Timeline['Warnings']
  Files?: ToldFile[]
  TimelineFile?: string
  Segment?: ToldSegment
}

/** `GET /v1/recordings/{id}`, as far as it is judged. */
export interface ToldRecording {
  Status: string
  Reason: string | null
  Message: string
  Incomplete: boolean
  Warnings: Timeline['Warnings']
  TimelineFile: string
  Files: ToldFile[]
  Tracks: { TrackId: string, UserId: string, State: string, Segments: number, LastSeq: number }[]
  Deliveries: { Type: string, State: string }[]
}

/**
 * An object was put, whole, and the answer did not get lost. `life`: of the lives of the gateway and its threads, counted from 0; `disturbed`:
 * since it was put before, a request for it met a fault of the bucket.
 */
export interface Put { key: string, life: number, disturbed: boolean }

/** `putMs`: when it was put last, Unix milliseconds. */
export interface StoredObject { content: Buffer, putMs: number }

/** What came to the receiver. */
export interface ToldAttempt { body: ToldEvent, receivedMs: number, signature: string, duplicate: boolean, life: number }

/** An event of the room that the gateway took, by the answer it gave. `eventMs` is the event's own time, `heardMs` when it was told. */
export interface HeardEvent { type: number, userId: string | undefined, role: number | undefined, status: number | undefined, eventMs: number, heardMs: number }

/** A call of the Cloud API about a user that went wrong. */
export interface FailedCall { userId: string, action: 'StartPublishCdnStream' | 'StopPublishCdnStream', fault: CallFault, atMs: number }

/** All that is known of one recording when it is over: what was said, what is in the bucket, what was told. */
export interface Evidence {
  recordingId: string
  /** How much later than it was the gateway took the time to be when the recording began. What it told is moved back by so much, but for objects. */
  clockOffsetMs: number
  ledger: Ledger
  segmentSeconds: number
  /** Events that the gateway took, each once, in no order. */
  heard: readonly HeardEvent[]
  failedCalls: readonly FailedCall[]
  /** Every relay task that TRTC started, as it was when the recording was over and its Stops had had their time. */
  tasks: readonly TaskView[]
  /** Tasks whose push never reached the gateway. */
  barredTasks: ReadonlySet<string>
  /** What came to the receiver, refused attempts too. */
  attempts: readonly ToldAttempt[]
  detail: ToldRecording
  timeline: Timeline
  /** Of this recording, by key. */
  objects: ReadonlyMap<string, StoredObject>
  puts: readonly Put[]
  /** Keys of uploads in parts that are under way still. What a bucket that fails while it is checked keeps of the check is of no recording. */
  unfinished: readonly string[]
  /** Files that wait in the spool. */
  spooled: readonly string[]
  /** Calls of the tenant that were not taken, and what was said. */
  refusals: readonly string[]
  exitCode: number | null
}

/** A file or segment with what is in it: numbers of frames, undefined for silence. */
export interface JudgedFile<Told extends ToldFile = ToldFile> { told: Told, content: Buffer, frames: (number | undefined)[] }
