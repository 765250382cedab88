import { Type, type Static } from 'typebox'
import type { FileRow, TrackRow } from '../../state/tracks.ts'
import { envelope, envelopeOf, Metadata, unixMs, type ToldRecording } from './envelope.ts'
import { storedFile, WholeFile } from './told-file.ts'

const track = {
  UserId: Type.String({ description: 'Who is heard, alone.' }),
  TrackId: Type.String(),
  Number: Type.Integer({ minimum: 1, description: "Of the user's tracks in this recording: 1, 2, …" }),
  Label: Type.String({ description: 'Of the first policy that names the user.' }),
  StartMs: unixMs("The room's time of its first audio; 0 when none came.")
}

/** Audio of a speaker is on the disk. */
export const TrackStarted = Type.Object({
  ...envelopeOf(Type.Literal('track.started')),
  Track: Type.Object(track),
  Metadata
}, { description: 'The first audio of a track is on the disk.' })
export type TrackStarted = Static<typeof TrackStarted>

/** Why a track is over. */
const trackEnds = ['RecordingEnded', 'Replaced', 'SpoolAway'] as const
export type TrackEnd = typeof trackEnds[number]

/** A track is over, and what can be stored of it is. */
export const TrackStopped = Type.Object({
  ...envelopeOf(Type.Literal('track.stopped')),
  Track: Type.Object({
    ...track,
    EndMs: unixMs("The room's time of the end of its last file; 0 without one."),
    Reason: Type.Enum([...trackEnds], {
      description: '`RecordingEnded`; `Replaced`: it could not be written any more, and another goes on; `SpoolAway`: the spool that holds its audio was not here.'
    }),
    DurationMs: Type.Integer({ description: 'How long its files play.' }),
    GapMs: Type.Integer({ description: 'How much of them is silence put in, or left out; the causes are in the timeline.' }),
    Message: Type.String({ description: 'Why audio of it is in no file, or empty.' }),
    Files: Type.Array(WholeFile, { description: 'Each file that is stored, by its number.' })
  }),
  Metadata
}, { description: 'A track is over and its files are stored.' })
export type TrackStopped = Static<typeof TrackStopped>

type ToldTrack = Pick<TrackRow, 'id' | 'userId' | 'number' | 'label'>

/** @param startMs the room's time of its first audio @see docs/callbacks.md */
export function trackStarted ({ recording, track, startMs }: { recording: ToldRecording, track: ToldTrack, startMs: number }, nowMs: number): TrackStarted {
  return {
    ...envelope('track.started', recording, nowMs),
    Track: { UserId: track.userId, TrackId: track.id, Number: track.number, Label: track.label, StartMs: startMs },
    Metadata: recording.options.metadata
  }
}

export interface StoppedTrack {
  recording: ToldRecording
  track: ToldTrack
  /** The room's time of its first audio; 0: none came. */
  startMs: number
  reason: TrackEnd
  message: string
  files: readonly FileRow[]
}

/** @see docs/callbacks.md */
export function trackStopped ({ recording, track, startMs, reason, message, files }: StoppedTrack, nowMs: number): TrackStopped {
  const sum = (of: (file: FileRow) => number): number => files.reduce((total, file) => total + of(file), 0)
  return {
    ...envelope('track.stopped', recording, nowMs),
    Track: {
      UserId: track.userId,
      TrackId: track.id,
      Number: track.number,
      Label: track.label,
      StartMs: startMs,
      EndMs: Math.max(0, ...files.map(({ endMs }) => endMs)),
      Reason: reason,
      DurationMs: sum(({ durationMs }) => durationMs),
      GapMs: sum(({ gapMs }) => gapMs),
      Message: message,
      Files: files.map((file) => storedFile(file, track))
    },
    Metadata: recording.options.metadata
  }
}
