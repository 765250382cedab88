import type { OutputFormat } from '../core/output-format.ts'
import type { StoreTarget } from '../core/store-target.ts'
import type { UnusableAudio } from '../media/audio-sink.ts'
import type { UploadedFile, UploadedSegment } from '../stores/uploaded.ts'
import type { CrossedError } from '../threads/protocol.ts'

/** What a thread needs to begin a track. Nothing is written before the first frame. */
export interface TrackSpec {
  recordingId: string
  trackId: string
  userId: string
  fillGaps: boolean
  /** The recording's clock is CLOCK_MONOTONIC plus this: all times of its tracks are by it. */
  clockOffsetMs: number
  /** Nothing is written until a `pause` call says otherwise. */
  paused?: boolean
  /** The track may have files in the spool already, of a thread or process that died or ended: it goes on in further ones. */
  resumes?: boolean
  /** The recording has another clock since those files were written: nothing is placed before their end. */
  hasNewClock?: boolean
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
  /** Only of files with a lower number than this, which nobody writes any more, though the track may be written. */
  beforeFile?: number
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
  /**
   * Begins a track in this thread, or goes on with it: `firstFileNumber` is the number of the file that its next frame begins.
   * @param isPushed its audio comes to this thread in any case: it is not refused for want of room
   */
  open: { request: TrackSpec & { isPushed?: boolean }, result: { firstFileNumber: number } }
  /**
   * Lets a source feed the track by this key, beside those that may already. The first of them to bring a frame on a new connection is the
   * track's: the other keys are dead. One that brings audio as it is goes on until then.
   */
  expect: { request: { trackId: string, sourceId: string, key: string }, result: null }
  /** Ends the key of a source, or those of all, and the connections that use them. */
  release: { request: { trackId: string, sourceId?: string }, result: null }
  /** Has `quiet` reported once no frame of the track has come for 1.5 s, counted from this call at the earliest; or takes that back. */
  awaitQuiet: { request: { trackId: string, on: boolean }, result: null }
  /** While a track is paused, its audio is heard and left out: a gap. A finished track has nothing to pause. */
  pause: { request: { trackId: string, paused: boolean }, result: null }
  /** Ends the track: what was heard is in the spool, whole. `lastFrameMs` is when the last frame that was kept arrived, Unix milliseconds. */
  finish: { request: { trackId: string }, result: { lastFrameMs: number | null } }
  /** Uploads every file of a track that is no longer written, salvaging what a dead thread or process left. */
  upload: { request: UploadRequest, result: UploadedFile[] }
  /** Uploads the next of those segments, of files that are no longer written; gives none when all are noted. */
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
  /** A connection of the source is here; whether it brings audio is another question. */
  | { type: 'pushed', trackId: string, sourceId: string, atMs: number }
  /** The first frame of a connection arrived: its source is the track's now. */
  | { type: 'live', trackId: string, sourceId: string, atMs: number }
  /** The connection ended; it may come back. @param lastFrameMs when its last frame arrived, Unix milliseconds; null when none did */
  | { type: 'lost', trackId: string, sourceId: string, atMs: number, lastFrameMs: number | null }
  /** A connection brings audio that cannot be used; told once for each. @param message nothing in it is of the peer's own words */
  | { type: 'unusable', trackId: string, sourceId: string, cause: UnusableAudio, message: string }
  /** No frame has come for a while, as `awaitQuiet` asked. @param lastFrameMs when the last one arrived, Unix milliseconds; null when none ever did */
  | { type: 'quiet', trackId: string, atMs: number, lastFrameMs: number | null }
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
  /** The port that the thread had which this one replaces, when it is to listen at any: taken again if it can be had. */
  formerRtmpPort?: number
  /** Where the credentials of the running role come from. */
  metadataUrl: string
}
