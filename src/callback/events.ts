import { newId } from '../core/ids.ts'
import type { RecordingRow } from '../state/recording-store.ts'
import type { FileRow, TrackRow } from '../state/track-store.ts'

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

/** The end of a recording. The seed's fields stay where a receiver of the seed looks for them. */
export interface CallbackEvent {
  Id: string
  Type: 'recording.completed' | 'recording.failed'
  TimestampMs: number
  SchemaVersion: 1
  SdkAppId: number
  RoomId: number
  StrRoomId: string
  UserId: string
  RecordingId: string
  Reason: string
  Message: string
  StartMs: number
  EndMs: number
  Files: CallbackFile[]
  /** URL, '' when it could not be stored. */
  TimelineFile: string
  Metadata: Record<string, unknown>
}

export interface EndedRecording {
  recording: RecordingRow
  tracks: TrackRow[]
  files: Array<FileRow & Pick<TrackRow, 'userId' | 'label'>>
}

/** @see docs/callbacks.md */
export function recordingEnded ({ recording, tracks, files }: EndedRecording, nowMs: number): CallbackEvent {
  const { options } = recording
  return {
    Id: newId('evt'),
    Type: recording.status === 'Failed' ? 'recording.failed' : 'recording.completed',
    TimestampMs: nowMs,
    SchemaVersion: 1,
    SdkAppId: recording.sdkAppId,
    RoomId: options.roomId ?? 0,
    StrRoomId: options.strRoomId ?? '',
    UserId: recording.userId,
    RecordingId: recording.id,
    Reason: recording.reason ?? '',
    Message: recording.message,
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
    Metadata: options.metadata
  }
}
