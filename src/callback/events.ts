import { newId } from '../core/ids.ts'
import type { GaveUp } from '../state/endpoint-options.ts'
import type { RecordingRow } from '../state/recordings.ts'
import type { SegmentRow } from '../state/segments.ts'
import type { FileRow, TrackRow } from '../state/tracks.ts'
import type { EventFacts } from './filter.ts'

/** One file as the seed's receivers know it (`UserId`, `RecordFile`, `Status`, `Message`), and what we add. */
interface CallbackFile {
  UserId: string
  RecordFile: string
  Status: 0 | 1
  Message: string
  Key: string
  Bytes: number
  Sha256: string
  DurationMs: number
  StartMs: number
  EndMs: number
  GapMs: number
  Partial: boolean
  Label: string
}

/** Members that every event begins with. `UserId` is the recorder. */
interface Envelope {
  Id: string
  TimestampMs: number
  SchemaVersion: 1
  SdkAppId: number
  RoomId: number
  StrRoomId: string
  UserId: string
  RecordingId: string
}

/** The end of a recording. The seed's fields stay where a receiver of the seed looks for them. */
interface RecordingEnded extends Envelope {
  Type: 'recording.completed' | 'recording.failed'
  Reason: string
  Message: string
  StartMs: number
  EndMs: number
  Files: CallbackFile[]
  /** URL, '' when it could not be uploaded. */
  TimelineFile: string
  /** Audio that came, or was announced, is in no stored file: `Warnings` say whose and why. */
  Incomplete: boolean
  /** The worst first; `Message` is that of the first. */
  Warnings: Array<{ Code: string, UserId: string, Message: string }>
  /** Who was on stage and is not recorded, or not all of them: `SkippedCount` is their number. */
  Skipped: Array<{ UserId: string, Cause: string }>
  SkippedCount: number
  /** When the gateway did not hear who came and went. */
  Blind: Array<{ StartMs: number, EndMs: number | null }>
  Metadata: Record<string, unknown>
}

/** A segment has been uploaded. */
interface SegmentUploaded extends Envelope {
  Type: 'segment.uploaded'
  Segment: {
    /** The user who is heard. */
    UserId: string
    TrackId: string
    Seq: number
    StartMs: number
    EndMs: number
    DurationMs: number
    GapMs: number
    Bytes: number
    Sha256: string
    Codec: 'aac'
    SampleRate: number
    Channels: number
    Partial: boolean
    /** Empty where the files go to a folder. */
    Bucket: string
    Key: string
    RecordFile: string
    Label: string
  }
  Metadata: Record<string, unknown>
}

export type CallbackEvent = RecordingEnded | SegmentUploaded | EndpointDisabled

/** Whether it tells of the end of a recording. */
export function isEnd ({ Type }: CallbackEvent): boolean {
  return Type === 'recording.completed' || Type === 'recording.failed'
}

/** @see docs/callbacks.md */
export function endpointDisabled (
  { endpointId, url, reason, failingSinceMs }: { endpointId: string, url: string, reason: GaveUp, failingSinceMs: number }, nowMs: number
): EndpointDisabled {
  return {
    Id: newId('evt'),
    Type: 'endpoint.disabled',
    TimestampMs: nowMs,
    SchemaVersion: 1,
    Endpoint: { EndpointId: endpointId, Url: url.replace(/\?.*/, ''), Reason: gaveUpReasons[reason], FailingSinceMs: failingSinceMs }
  }
}

/** Somebody tries an endpoint; of no recording, and kept nowhere. */
interface TestPing extends Pick<Envelope, 'Id' | 'TimestampMs' | 'SchemaVersion'> { Type: 'test.ping' }

/** @see docs/endpoints.md */
export function testPing (nowMs: number): TestPing {
  return { Id: newId('evt'), Type: 'test.ping', TimestampMs: nowMs, SchemaVersion: 1 }
}

/** Why an endpoint was given up, as tenants read it. */
export const gaveUpReasons = { gone: 'Gone', failing: 'Failing', blocked_target: 'BlockedTarget' } as const satisfies Record<GaveUp, string>

/** What decides who gets it. */
export function factsOf (event: CallbackEvent): EventFacts {
  if (event.Type === 'endpoint.disabled') return { type: event.Type }
  const speaker = event.Type === 'segment.uploaded' ? { userId: event.Segment.UserId, label: event.Segment.Label } : undefined
  return { type: event.Type, sdkAppId: event.SdkAppId, room: event.StrRoomId === '' ? String(event.RoomId) : event.StrRoomId, speaker }
}

/** An endpoint gets nothing any more; told to the tenant's others. */
interface EndpointDisabled extends Omit<Envelope, 'SdkAppId' | 'RoomId' | 'StrRoomId' | 'UserId' | 'RecordingId'> {
  Type: 'endpoint.disabled'
  Endpoint: {
    EndpointId: string
    /** Without its query. */
    Url: string
    Reason: 'Gone' | 'Failing' | 'BlockedTarget'
    /** The first failure since the last success. */
    FailingSinceMs: number
  }
}

/** What became of a recording. */
interface Judged {
  status: 'Completed' | 'Failed'
  incomplete: boolean
  warnings: RecordingEnded['Warnings']
  message: string
  skipped: RecordingEnded['Skipped']
  skippedCount: number
  blind: Array<{ startMs: number, endMs: number }>
}

export interface EndedRecording {
  recording: RecordingRow
  verdict: Judged
  tracks: TrackRow[]
  files: Array<FileRow & Pick<TrackRow, 'userId' | 'label'>>
}

/** @see docs/callbacks.md */
export function recordingEnded ({ recording, verdict, tracks, files }: EndedRecording, nowMs: number): RecordingEnded {
  const { options } = recording
  return {
    ...envelope(verdict.status === 'Failed' ? 'recording.failed' : 'recording.completed', recording, nowMs),
    Reason: recording.reason ?? '',
    Message: verdict.message,
    StartMs: recording.startedMs ?? files[0]?.startMs ?? 0,
    EndMs: recording.endedMs ?? nowMs,
    Files: [
      ...files.map((file): CallbackFile => ({
        UserId: file.userId,
        RecordFile: file.url,
        Status: 1,
        Message: '',
        Key: file.key,
        Bytes: file.bytes,
        Sha256: file.sha256,
        DurationMs: file.durationMs,
        StartMs: file.startMs,
        EndMs: file.endMs,
        GapMs: file.gapMs,
        Partial: file.partial,
        Label: file.label
      })),
      ...tracks.filter(({ message }) => message !== '').map((track): CallbackFile => ({
        UserId: track.userId,
        RecordFile: '',
        Status: 0,
        Message: track.message,
        Key: '',
        Bytes: 0,
        Sha256: '',
        DurationMs: 0,
        StartMs: 0,
        EndMs: 0,
        GapMs: 0,
        Partial: true,
        Label: track.label
      }))
    ],
    TimelineFile: recording.timelineFile ?? '',
    Incomplete: verdict.incomplete,
    Warnings: verdict.warnings,
    Skipped: verdict.skipped,
    SkippedCount: verdict.skippedCount,
    Blind: verdict.blind.map(({ startMs, endMs }) => ({ StartMs: startMs, EndMs: endMs === Infinity ? null : endMs })),
    Metadata: options.metadata
  }
}

export interface UploadedSegment {
  recording: RecordingRow
  track: Pick<TrackRow, 'id' | 'userId' | 'label'>
  segment: SegmentRow
  bucket: string
}

/** @see docs/callbacks.md */
export function segmentUploaded ({ recording, track, segment, bucket }: UploadedSegment, nowMs: number): SegmentUploaded {
  return {
    ...envelope('segment.uploaded', recording, nowMs),
    Segment: {
      UserId: track.userId,
      TrackId: track.id,
      Seq: segment.seq,
      StartMs: segment.startMs,
      EndMs: segment.endMs,
      DurationMs: segment.durationMs,
      GapMs: segment.gapMs,
      Bytes: segment.bytes,
      Sha256: segment.sha256,
      Codec: 'aac',
      SampleRate: segment.sampleRate,
      Channels: segment.channels,
      Partial: segment.partial,
      Bucket: bucket,
      Key: segment.key,
      RecordFile: segment.url,
      Label: track.label
    },
    Metadata: recording.options.metadata
  }
}

function envelope<Type extends string> (type: Type, { sdkAppId, options, userId, id }: RecordingRow, nowMs: number): Envelope & { Type: Type } {
  return {
    Id: newId('evt'),
    Type: type,
    TimestampMs: nowMs,
    SchemaVersion: 1,
    SdkAppId: sdkAppId,
    RoomId: options.roomId ?? 0,
    StrRoomId: options.strRoomId ?? '',
    UserId: userId,
    RecordingId: id
  }
}
