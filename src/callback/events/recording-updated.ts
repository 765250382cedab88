import { Type, type Static } from 'typebox'
import { recordingStatuses, type RecordingRow } from '../../state/recordings.ts'
import { envelope, envelopeOf, Metadata, type ToldRecording } from './envelope.ts'

const Warning = Type.Object({
  Code: Type.String({ description: 'One of docs/warnings.md.' }),
  UserId: Type.String({ description: 'Whom it is about; empty: all of the recording.' }),
  Label: Type.String({ description: 'Of the first policy that names the user.' }),
  Message: Type.String()
}, { description: 'The warning that is new; absent when the status is.' })

/** Something about a recording is new. */
export const RecordingUpdated = Type.Object({
  ...envelopeOf(Type.Literal('recording.updated')),
  Status: Type.Enum([...recordingStatuses], { description: 'As it is now.' }),
  Reason: Type.String({ description: 'Why it has ended; empty while it goes on.' }),
  Warning: Type.Optional(Warning),
  Metadata
}, { description: 'A recording has another status, or a warning that it did not have before.' })
export type RecordingUpdated = Static<typeof RecordingUpdated>

export interface UpdatedRecording {
  recording: ToldRecording & Pick<RecordingRow, 'status' | 'reason'>
  warning?: Static<typeof Warning>
}

/** @see docs/callbacks.md */
export function recordingUpdated ({ recording, warning }: UpdatedRecording, nowMs: number): RecordingUpdated {
  return {
    ...envelope('recording.updated', recording, nowMs),
    Status: recording.status,
    Reason: recording.reason ?? '',
    ...warning !== undefined && { Warning: warning },
    Metadata: recording.options.metadata
  }
}
