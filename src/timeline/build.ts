import type { FileRow, TrackRow } from '../state/tracks.ts'
import type { RecordingRow } from '../state/recordings.ts'
import { outputOf } from '../state/recording-options.ts'
import { labelOf } from '../rooms/audience.ts'
import { absencesFor, gapCause, type AbsenceSpan } from './gap-cause.ts'
import { gapsAround } from './gaps.ts'
import { isOrphan } from './source-faults.ts'
import { peopleOf, type Person } from './people.ts'
import { windowOf, type TimelineState } from './state.ts'
import { verdict } from './verdict.ts'
import { intersect, type Span } from '../core/spans.ts'
import type { Timeline } from './schema.ts'

type TimelineUser = Timeline['Users'][number]
type TimelineTrack = TimelineUser['Tracks'][number]

/**
 * The timeline of a recording at that moment. Pure: the same rows, in whatever order, give the same document.
 * @param nowMs by the recording's clock
 * @param wallMs by the wall clock
 */
export function buildTimeline (state: TimelineState, { nowMs, wallMs = nowMs }: { nowMs: number, wallMs?: number }): Timeline {
  const { recording, pauses } = state
  const { options } = recording
  const window = windowOf(recording)
  const { incomplete, warnings, message, skipped, skippedCount, blind } = verdict(state, nowMs)
  const people = peopleOf(state, nowMs).filter(({ tracks, seen }) => tracks.length > 0 || (seen !== undefined && seen.onStage.length > 0))
  return {
    SchemaVersion: 1,
    TimestampMs: wallMs,
    RecordingId: recording.id,
    SdkAppId: recording.sdkAppId,
    RoomId: options.roomId ?? 0,
    StrRoomId: options.strRoomId ?? '',
    UserId: recording.userId,
    Engine: 'relay',
    Reason: recording.reason,
    CreatedMs: recording.createdMs,
    StartMs: recording.startedMs,
    EndMs: recording.endedMs,
    Incomplete: incomplete,
    Warnings: warnings,
    Message: message,
    Output: {
      Format: outputOf(options).format,
      FillGaps: options.fillGaps,
      SegmentSeconds: outputOf(options).segmentSeconds,
      GridMs: recording.createdMs
    },
    Users: people.map((person) => userOf(person, state, nowMs)),
    Skipped: skipped,
    SkippedCount: skippedCount,
    Blind: blind.map(spanView),
    ClockSteps: clockStepsView(recording),
    Pauses: [...pauses].sort((a, b) => a.startMs - b.startMs || (a.id < b.id ? -1 : 1))
      .flatMap(({ userId, ...span }) => within(window, span).map((part) => ({ UserId: userId, ...part })))
  }
}

function userOf (person: Person, state: TimelineState, nowMs: number): TimelineUser {
  const { userId, tracks, seen } = person
  const { present, onStage, muted } = seen ?? { present: [], onStage: [], muted: [] }
  const sources = [...state.sources].sort((a, b) => a.createdMs - b.createdMs || (a.id < b.id ? -1 : 1))
  const absences = absencesFor(userId, state.absences, windowOf(state.recording))
  return {
    UserId: userId,
    Label: labelOf(state.recording.options.policies, userId),
    Present: present.map((stay) => ({ ...spanView(stay), LeaveReason: stay.leaveReason })),
    OnStage: onStage.map(spanView),
    Mutes: muted.map(spanView),
    Robots: sources.flatMap(({ robotId, createdMs, stoppedMs, outcome, ...source }) => source.userId === userId && robotId !== null
      ? [{ RobotId: robotId, StartMs: createdMs, EndMs: stoppedMs, Outcome: isOrphan({ outcome, ...source }) ? 'orphan' : outcome }]
      : []),
    Tracks: tracks.map((track) => trackOf(track, state, person, absences)),
    Gaps: gapsAround(person, state, nowMs).map(({ startMs, endMs, cause }) => ({ StartMs: startMs, EndMs: endMs, Cause: cause }))
  }
}

function trackOf (
  { id, number, message }: TrackRow, { recording, files, segments }: TimelineState, { seen }: Person, absences: readonly AbsenceSpan[]
): TimelineTrack {
  const own = files.filter(({ trackId }) => trackId === id).sort((a, b) => a.part - b.part)
  return {
    TrackId: id,
    Number: number,
    Message: message,
    Files: own.map((file) => ({
      Key: file.key,
      RecordFile: file.url,
      Part: file.part,
      Bytes: file.bytes,
      Sha256: file.sha256,
      StartMs: file.startMs,
      EndMs: file.endMs,
      DurationMs: file.durationMs,
      GapMs: file.gapMs,
      SampleRate: file.sampleRate,
      Channels: file.channels,
      Partial: file.partial,
      Gaps: file.gaps.map((gap) => ({
        StartMs: gap.startMs,
        EndMs: gap.endMs,
        Cause: gapCause(gap, seen, absences),
        FileMs: Math.round(gap.atFrame * frameMs(file)),
        FilledMs: recording.options.fillGaps ? gap.endMs - gap.startMs : 0
      })),
      Trims: file.trims.map(({ atMs, atFrame, frames }) => ({
        AtMs: atMs, FileMs: Math.round(atFrame * frameMs(file)), DurationMs: Math.round(frames * frameMs(file))
      }))
    })),
    Segments: segments.filter(({ trackId }) => trackId === id).sort((a, b) => a.seq - b.seq).map((segment) => ({
      Seq: segment.seq,
      Key: segment.key,
      RecordFile: segment.url,
      Bytes: segment.bytes,
      Sha256: segment.sha256,
      StartMs: segment.startMs,
      EndMs: segment.endMs,
      DurationMs: segment.durationMs,
      GapMs: segment.gapMs,
      Part: segment.part,
      FileMs: Math.round(segment.firstFrame * frameMs(segment)),
      Partial: segment.partial
    }))
  }
}

export function clockStepsView ({ clockSteps }: Pick<RecordingRow, 'clockSteps'>): Timeline['ClockSteps'] {
  return clockSteps.map(({ atMs, stepMs }) => ({ AtMs: atMs, StepMs: stepMs }))
}

/** An AAC frame has 1024 samples, or 960 in its short form: whichever fits the duration better, which is in whole milliseconds. */
function frameMs ({ durationMs, frames, sampleRate }: Pick<FileRow, 'durationMs' | 'frames' | 'sampleRate'>): number {
  const samples = durationMs * sampleRate / 1000 / frames
  return (Math.abs(samples - 960) < Math.abs(samples - 1024) ? 960 : 1024) * 1000 / sampleRate
}

function spanOf ({ startMs, endMs }: { startMs: number, endMs: number | null }): Span {
  return { startMs, endMs: endMs ?? Infinity }
}

function within (window: Span, span: { startMs: number, endMs: number | null }): ReturnType<typeof spanView>[] {
  return intersect([spanOf(span)], [window]).map(spanView)
}

function spanView ({ startMs, endMs }: Span): { StartMs: number, EndMs: number | null } {
  return { StartMs: startMs, EndMs: endMs === Infinity ? null : endMs }
}
