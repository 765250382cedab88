import type { OutputFormat } from '../core/output-format.ts'
import type { StoreTarget } from '../core/store-target.ts'
import type { UploadedFile, UploadedSegment } from '../stores/uploaded.ts'
import type { CrossedError } from '../threads/protocol.ts'

/** What a thread needs to begin a track. Nothing is written before the first frame. */
export interface TrackSpec {
  recordingId: string
  trackId: string
  userId: string
  fillGaps: boolean
  /** Nothing is written until a `pause` call says otherwise. */
  paused?: boolean
  /** Absent: the track is not cut. */
  segments?: SegmentSpec
}

/** How a track is cut into segments, and where they go while it is written. */
export interface SegmentSpec {
  /** Length of a cell; cell k of every track of a recording is [epoch + k·length, epoch + (k+1)·length). */
  seconds: number
  /** Unix milliseconds. */
  epochMs: number
  format: OutputFormat
  target: StoreTarget
  /** Folder of their object keys, ending in `/`. */
  keyFolder: string
}

/** A track in a spool: the thread's own, or another folder of this machine. */
interface SpooledTrack {
  recordingId: string
  trackId: string
  spoolDir?: string
}

/** Asks for the segments of a track that are in the spool but not noted yet. */
export interface SegmentsRequest extends SpooledTrack, Pick<SegmentSpec, 'format' | 'target' | 'keyFolder'> {
  /** Numbers of those that are noted. */
  noted: number[]
}

/** Asks for the files of a track. */
export interface UploadRequest extends SpooledTrack {
  target: StoreTarget
  format: OutputFormat
  /** Folder of the user's object keys, ending in `/`. */
  userFolder: string
  /** Of the track among the user's: 1, 2, … */
  trackNumber: number
  /** Keys of the recording's files that are noted: no store is asked to put over one. */
  notedKeys: string[]
}

/** An object made by the main thread. */
export interface PutRequest {
  target: StoreTarget
  key: string
  bytes: Uint8Array
  contentType: string
}

/** The calls the main thread makes of a capture thread. */
export interface Calls {
  /** Begins a track in this thread. */
  open: { request: TrackSpec, result: null }
  /** Lets a publisher with this key feed the track; a former key is dead from now on. */
  expect: { request: { trackId: string, key: string }, result: null }
  /** Ends the key, and the connection that uses it. */
  release: { request: { trackId: string }, result: null }
  /** While a track is paused, its audio is heard and left out: a gap. A finished track has nothing to pause. */
  pause: { request: { trackId: string, paused: boolean }, result: null }
  /** Ends the track: what was heard is in the spool, whole. */
  finish: { request: { trackId: string }, result: null }
  /** Uploads every file of a track that is no longer written, salvaging what a dead thread or process left. */
  upload: { request: UploadRequest, result: UploadedFile[] }
  /** Uploads the next of those segments, of a track that is no longer written; gives none when all are noted. */
  uploadSegments: { request: SegmentsRequest, result: UploadedSegment[] }
  /** Deletes local files of a track: those that a store has confirmed. */
  discard: { request: SpooledTrack & { fileNumbers: number[] }, result: null }
  /** Lists what lies in the spool, of whatever recording. */
  leftovers: { request: { spoolDir?: string }, result: Array<{ recordingId: string, trackId: string }> }
  /** Uploads bytes as an object of their own. */
  put: { request: PutRequest, result: { url: string } }
  /** Proves that a store takes what will be written. */
  check: { request: { target: StoreTarget }, result: null }
}

/** What happens to a track between the calls. */
export type TrackReport =
  /** The first frame of a connection arrived. */
  | { type: 'live', trackId: string, atMs: number }
  /** The connection ended; it may come back. */
  | { type: 'lost', trackId: string, atMs: number }
  /** The first fragment of the track is on the disk. @param startMs the room's time where it begins, Unix milliseconds */
  | { type: 'firstAudio', trackId: string, startMs: number }
  /** The disk does not keep up with the track. Nothing is lost yet, or only just; what will be becomes a gap. */
  | { type: 'behind', trackId: string, atMs: number }
  /** The disk keeps up again. @param lostMs audio the track has lost to that, in all */
  | { type: 'caughtUp', trackId: string, atMs: number, lostMs: number }
  /** A segment is uploaded. */
  | { type: 'segment', trackId: string, segment: UploadedSegment }
  /** The store does not take segments at present; they wait. What becomes too much is uploaded when the track is over. */
  | { type: 'unsent', trackId: string, message: string }
  /** Nothing more can be written: the disk failed, or the thread died. */
  | { type: 'broken', trackId: string, error: CrossedError }

export type CaptureReport =
  | TrackReport
  /** RTMP connections that were closed for what they did since the last such report, by reason. */
  | { type: 'refused', counts: Record<string, number> }

/** What a capture thread says when it takes calls. */
export interface CaptureReady { rtmpPort: number }

/** What a capture thread is started with. */
export interface CaptureData {
  spoolDir: string
  rtmpHost: string
  /** 0 for any. */
  rtmpPort: number
  /** Where the credentials of the running role come from. */
  metadataUrl: string
}
