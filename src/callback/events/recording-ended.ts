import { Type, type Static } from 'typebox'
import type { RecordingRow } from '../../state/recordings.ts'
import type { FileRow, TrackRow } from '../../state/tracks.ts'
import { envelope, envelopeOf, Metadata, unixMs } from './envelope.ts'
import { storedFile, ToldFile, unstoredFile, withinBytes } from './told-file.ts'

/** The end of a recording. The seed's fields stay where a receiver of the seed looks for them. */
export const RecordingEnded = Type.Object({
  ...envelopeOf(Type.Enum(['recording.completed', 'recording.failed'])),
  Reason: Type.String({ description: 'Why it ended: `RoomDismissed`, `IdleTimeout`, `RecorderRemoved`, `StopRequested` or `MaxDurationReached`.' }),
  Message: Type.String({ description: 'Of the first warning; empty without one.' }),
  StartMs: unixMs('When the first audio arrived; 0 when none did.'),
  EndMs: unixMs('When it ended.'),
  Files: Type.Array(ToldFile, { description: 'Each file, by its start. When they would take more than 1 MiB each has only its first four members, and the timeline has the rest.' }),
  TimelineFile: Type.String({ description: 'URL of timeline.json; empty if the bucket refused it.' }),
  Incomplete: Type.Boolean({ description: 'Audio that came, or was announced, is in no stored file: `Warnings` say whose and why.' }),
  Warnings: Type.Array(Type.Object({ Code: Type.String(), UserId: Type.String(), Message: Type.String() }), { description: 'The worst first.' }),
  Skipped: Type.Array(Type.Object({ UserId: Type.String(), Cause: Type.String() }), { description: 'Who was on stage and is not recorded, or not all of them.' }),
  SkippedCount: Type.Integer({ description: 'How many they are.' }),
  Blind: Type.Array(Type.Object({ StartMs: Type.Integer(), EndMs: Type.Union([Type.Integer(), Type.Null()]) }), {
    description: 'When the gateway did not hear who came and went.'
  }),
  Metadata
}, { description: 'A recording has ended, and all of it that can be stored is.' })
export type RecordingEnded = Static<typeof RecordingEnded>

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
  return {
    ...envelope(verdict.status === 'Failed' ? 'recording.failed' : 'recording.completed', recording, nowMs),
    Reason: recording.reason ?? '',
    Message: verdict.message,
    StartMs: recording.startedMs ?? files[0]?.startMs ?? 0,
    EndMs: recording.endedMs ?? nowMs,
    Files: withinBytes([...files.map((file) => storedFile(file, file)), ...tracks.filter(({ message }) => message !== '').map(unstoredFile)]),
    TimelineFile: recording.timelineFile ?? '',
    Incomplete: verdict.incomplete,
    Warnings: verdict.warnings,
    Skipped: verdict.skipped,
    SkippedCount: verdict.skippedCount,
    Blind: verdict.blind.map(({ startMs, endMs }) => ({ StartMs: startMs, EndMs: endMs === Infinity ? null : endMs })),
    Metadata: recording.options.metadata
  }
}
