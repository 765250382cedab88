import { Type, type Static, type TSchema } from 'typebox'
import { outputFormats } from '../core/output-format.ts'
import type { TaskOutcome } from '../state/troubles.ts'
import { maxSkipped, skipCauses } from './skipped.ts'
import { maxWarnings, warningCodes } from './warnings.ts'

const ms = (description: string) => Type.Integer({ description })
const orNull = <Schema extends TSchema>(schema: Schema, description: string) => Type.Union([schema, Type.Null()], { description })
const startMs = ms('Unix milliseconds, as all that ends in `Ms` and is no duration.')
const endMs = orNull(Type.Integer(), 'null: it goes on.')
const spans = (description: string) => Type.Array(Type.Object({ StartMs: startMs, EndMs: endMs }), { description })

/** Description of `Cause`: the causes of docs/timeline.md. */
export const gapCauses = '`muted`: the user sent no audio; `left`: was not there, or in the audience; `unconfirmed`: had most likely left, though no event said so; ' +
  '`paused`: somebody paused the recording or the user; `missing`: frames were lost within a connection; `reconnected`: it broke and came back; ' +
  '`disconnected`: the source was let go and another asked for; `takeover`: a newer connection of the same source took over; ' +
  '`clock`: the source\'s clock leapt; `stalled`: it stood still; `drift`: a frame of silence, since it is slow; `overload`: the disk did not keep up; ' +
  '`away`: the gateway or one of its threads was not there; `disk`: the disk could not be written; `database`: the database was away; ' +
  '`lost`: audio came, and the spool that holds it is not here.'

/** Description of `Incomplete`. */
export const incompleteMeans = 'Audio that came, or was announced, of somebody to be recorded is in no stored file; `Warnings` tell whose and why.'

/** How the task of a robot ended; `orphan`: it has to end, and TRTC never told the TaskId by which it could be stopped. */
const relayOutcomes = ['stopped', 'noSuchTask', 'idle', 'refused', 'unasked', 'expired', 'orphan'] as const satisfies Array<TaskOutcome | 'orphan'>

export const Warnings = Type.Array(Type.Object({
  Code: Type.Enum(warningCodes),
  UserId: Type.String({ description: 'Whom it is about; empty: all of the recording.' }),
  Message: Type.String()
}), { maxItems: maxWarnings, description: 'What is to be known of the recording, the worst first: docs/warnings.md.' })

export const Skipped = Type.Array(Type.Object({
  UserId: Type.String(),
  Cause: Type.Enum([...skipCauses], { description: '`subscribe`: not asked for; `recorder`: the recorder\'s own id; `robot`: a relay robot.' })
}), { maxItems: maxSkipped, description: 'Who was on stage and is not recorded, by id.' })

export const SkippedCount = Type.Integer({ description: 'How many they are, also beyond those listed.' })

export const Blind = spans('The gateway was away, or had to turn the room\'s events away: who came then is known by the next event of theirs. Only what lasted more than 2 s.')

export const ClockSteps = Type.Array(Type.Object({
  AtMs: ms('By the clock of the recording.'),
  StepMs: Type.Integer({ description: 'How much further ahead of the clock of the recording the wall clock was from then on.' })
}), { description: 'The wall clock was set by more than 200 ms. All times of a recording are by one clock, which nobody sets: no audio is moved by it.' })

const TimelineGap = Type.Object({
  StartMs: startMs,
  EndMs: Type.Integer(),
  Cause: Type.String({ description: gapCauses }),
  FileMs: ms('Where in the file it lies, milliseconds from its beginning.'),
  FilledMs: ms('So much silence stands for it there; 0 when it was cut out.')
})

const TimelineFile = Type.Object({
  Key: Type.String({ description: 'Of the object.' }),
  RecordFile: Type.String({ description: 'URL of the object.' }),
  Part: Type.Integer({ description: 'Of the track: 1, 2, …' }),
  Bytes: Type.Integer(),
  Sha256: Type.String(),
  StartMs: ms("The room's time of the first sample."),
  EndMs: ms("The room's time of the end of the last."),
  DurationMs: ms('How long it plays.'),
  GapMs: ms('How much of the time between StartMs and EndMs had no audio.'),
  SampleRate: Type.Integer({ description: 'Hertz, of the AAC core.' }),
  Channels: Type.Integer(),
  Partial: Type.Boolean({ description: 'Salvaged after a crash.' }),
  Gaps: Type.Array(TimelineGap),
  Trims: Type.Array(Type.Object({
    AtMs: ms("The room's time of what was left out."),
    FileMs: ms('Where in the file it would be.'),
    DurationMs: ms('How much.')
  }), { description: "Audio left out because the source's clock is fast: without, the file would run ahead of the room." })
})

const TimelineSegment = Type.Object({
  Seq: Type.Integer({ description: 'Of the track, without holes: 1, 2, …' }),
  Key: Type.String(),
  RecordFile: Type.String({ description: 'URL of the object.' }),
  Bytes: Type.Integer(),
  Sha256: Type.String(),
  StartMs: ms("The room's time of the first sample."),
  EndMs: Type.Integer(),
  DurationMs: ms('How long it plays.'),
  GapMs: Type.Integer(),
  Part: Type.Integer({ description: 'Which file of the track holds the same audio.' }),
  FileMs: ms('Where in that file it begins.'),
  Partial: Type.Boolean()
})

const TimelineUser = Type.Object({
  UserId: Type.String(),
  Label: Type.String({ description: 'Of the first policy that names the user.' }),
  Present: Type.Array(Type.Object({
    StartMs: startMs,
    EndMs: endMs,
    LeaveReason: orNull(Type.String(), '`normal`, `timeout`, `removed`, `crossRoomEnded`, `killed`, `other` as TRTC told it, `dismissed` with the room, `unconfirmed` if no event said so; null: did not leave.')
  }), { description: 'In the room.' }),
  OnStage: spans('In the room as an anchor, one who can be heard.'),
  Mutes: spans('On stage, but sending no audio.'),
  Robots: Type.Array(Type.Object({
    RobotId: Type.String(),
    StartMs: startMs,
    EndMs: endMs,
    Outcome: orNull(Type.Enum([...relayOutcomes]), 'How its task is known to have ended: `stopped`, TRTC confirmed it; `noSuchTask`, TRTC knew of none; ' +
      '`idle`, TRTC said that it has ended; `refused`, it never began; `unasked`, it was not asked for after all; `expired`, it can be stopped no more; ' +
      '`orphan`, TRTC never told the TaskId by which it could be stopped; null: it is not known to have ended.')
  }), { description: "Users by which TRTC's relay listened." }),
  Tracks: Type.Array(Type.Object({
    TrackId: Type.String(),
    Number: Type.Integer({ description: 'Of the user: 1, 2, … A restart or a lost thread begins another.' }),
    Message: Type.String({ description: 'Why its audio is in no file, or empty.' }),
    Files: Type.Array(TimelineFile),
    Segments: Type.Array(TimelineSegment)
  })),
  Gaps: Type.Array(Type.Object({ StartMs: startMs, EndMs: Type.Integer(), Cause: Type.String({ description: gapCauses }) }), {
    description: 'Between one file and the next, and before, after or without files where we lost audio.'
  })
})

/** @see docs/timeline.md */
export const Timeline = Type.Object({
  SchemaVersion: Type.Literal(1),
  TimestampMs: ms('When this document was made.'),
  RecordingId: Type.String(),
  SdkAppId: Type.Integer(),
  RoomId: Type.Integer({ description: '0 for a string room.' }),
  StrRoomId: Type.String({ description: 'Empty for a numeric room.' }),
  UserId: Type.String({ description: "The recorder's id." }),
  Engine: Type.Literal('relay', { description: 'How the audio came: by relays of TRTC.' }),
  Reason: orNull(Type.String(), 'Why it ended; null: it has not.'),
  CreatedMs: ms('When it was asked for.'),
  StartMs: orNull(Type.Integer(), 'When the first audio arrived; null: none has.'),
  EndMs: endMs,
  Incomplete: Type.Boolean({ description: incompleteMeans }),
  Warnings,
  Message: Type.String({ description: 'Of the first warning; empty without one.' }),
  Output: Type.Object({
    Format: Type.Enum([...outputFormats]),
    FillGaps: Type.Boolean({ description: 'Gaps are silence in the files; otherwise they are cut out.' }),
    SegmentSeconds: Type.Integer({ description: '0: no segments.' }),
    GridMs: ms('Segments of all tracks are cut at this time and every SegmentSeconds from it.')
  }),
  Users: Type.Array(TimelineUser, { description: 'Whoever was to be recorded and on stage, by id.' }),
  Skipped,
  SkippedCount,
  Blind,
  ClockSteps,
  Pauses: Type.Array(Type.Object({
    UserId: orNull(Type.String(), 'Who was paused; null: the whole recording.'),
    StartMs: startMs,
    EndMs: endMs
  }), { description: 'By start.' })
}, { title: 'Timeline of a Roomtape recording', description: 'Who was there and when, and where in which file it is heard.' })
export type Timeline = Static<typeof Timeline>
