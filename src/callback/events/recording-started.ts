import { Type, type Static } from 'typebox'
import { envelope, envelopeOf, Metadata, unixMs, type ToldRecording } from './envelope.ts'

/** The first audio of the first speaker. */
export const RecordingStarted = Type.Object({
  ...envelopeOf(Type.Literal('recording.started')),
  Trigger: Type.Enum(['Request'], { description: 'Who or what caused the recording. `Request`: a start, of which `UserId` is the recorder; others will be added.' }),
  CreatedMs: unixMs('When it was asked for.'),
  StartMs: unixMs('When the first audio arrived.'),
  LatencyMs: Type.Integer({
    minimum: 0, description: "From when the speaker who is heard first could be heard by TRTC's events, or from `CreatedMs` if that was later, to `StartMs`."
  }),
  Metadata
}, { description: 'The first audio of a recording has arrived.' })
export type RecordingStarted = Static<typeof RecordingStarted>

export interface StartedRecording {
  recording: ToldRecording & { createdMs: number }
  startedMs: number
  /** When the first speaker could be heard; 0: nobody told. */
  audibleMs: number
}

/** @see docs/callbacks.md */
export function recordingStarted ({ recording, startedMs, audibleMs }: StartedRecording, nowMs: number): RecordingStarted {
  return {
    ...envelope('recording.started', recording, nowMs),
    Trigger: 'Request',
    CreatedMs: recording.createdMs,
    StartMs: startedMs,
    LatencyMs: Math.max(0, startedMs - Math.max(audibleMs, recording.createdMs)),
    Metadata: recording.options.metadata
  }
}
