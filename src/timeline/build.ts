import type { PauseRow } from '../state/pauses.ts'
import { outputOf } from '../state/recording-options.ts'
import type { RecordingRow } from '../state/recordings.ts'
import type { SegmentRow } from '../state/segments.ts'
import type { SourceWithTask } from '../state/sources.ts'
import { isIncomplete, type FileRow, type TrackRow } from '../state/tracks.ts'
import type { RoomEvent } from '../trtc/room-event.ts'
import { isSubscribed, labelOf } from '../rooms/audience.ts'
import { gapCause, roomCause } from './gap-cause.ts'
import { presencesOf, type Presence } from '../rooms/presence.ts'
import { intersect, lengthOf, type Span } from '../core/spans.ts'
import type { Timeline } from './schema.ts'

/** All that is stored of a recording and says something of time. */
export interface TimelineState {
  recording: RecordingRow
  tracks: TrackRow[]
  files: FileRow[]
  segments: SegmentRow[]
  sources: SourceWithTask[]
  pauses: PauseRow[]
  /** Events of the room, in any order; those from before the recording too, since they tell who was there when it began. */
  events: RoomEvent[]
}

type TimelineUser = Timeline['Users'][number]
type TimelineTrack = TimelineUser['Tracks'][number]

/** Largest distance of two files of a user between which nothing is missing: it is rounding, and two frames at most. */
const seamMs = 50

/** The timeline of a recording at that moment. Pure: the same state gives the same document, in whatever order its events came. */
export function buildTimeline (state: TimelineState, nowMs: number): Timeline {
  const { recording, tracks, pauses } = state
  const { options } = recording
  const window = windowOf(recording)
  const presences = presencesOf(state.events, window)
  const heard = [...presences].filter(([userId, { onStage }]) =>
    onStage.length > 0 && userId !== recording.userId && isSubscribed(options.subscribe, userId)).map(([userId]) => userId)
  const userIds = [...new Set([...tracks.map(({ userId }) => userId), ...heard])].sort()
  return {
    SchemaVersion: 1,
    TimestampMs: nowMs,
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
    Incomplete: isIncomplete(tracks),
    Output: {
      Format: outputOf(options).format,
      FillGaps: options.fillGaps,
      SegmentSeconds: outputOf(options).segmentSeconds,
      GridMs: recording.createdMs
    },
    Users: userIds.map((userId) => userOf(userId, state, window, presences.get(userId), nowMs)),
    Pauses: pauses.flatMap(({ userId, ...span }) => within(window, span).map((part) => ({ UserId: userId, ...part })))
  }
}

/** The time that a recording covers. */
export function windowOf ({ createdMs, endedMs }: RecordingRow): Span {
  return { startMs: createdMs, endMs: endedMs ?? Infinity }
}

function userOf (userId: string, state: TimelineState, window: Span, presence: Presence | undefined, nowMs: number): TimelineUser {
  const { recording, sources, pauses } = state
  const { present, onStage, muted } = presence ?? { present: [], onStage: [], muted: [] }
  const tracks = state.tracks.filter((track) => track.userId === userId).sort((a, b) => a.number - b.number)
  const files = state.files.filter(({ trackId }) => tracks.some(({ id }) => id === trackId))
  const paused = pauses.filter((pause) => pause.userId === null || pause.userId === userId).flatMap((pause) => intersect([spanOf(pause)], [window]))
  return {
    UserId: userId,
    Label: labelOf(recording.options.policies, userId),
    Present: present.map((stay) => ({ ...spanView(stay), LeaveReason: stay.leaveReason })),
    OnStage: onStage.map(spanView),
    Mutes: muted.map(spanView),
    Robots: sources.flatMap(({ robotId, createdMs, stoppedMs, ...source }) =>
      source.userId === userId && robotId !== null ? [{ RobotId: robotId, StartMs: createdMs, EndMs: stoppedMs }] : []),
    Tracks: tracks.map((track) => trackOf(track, state, presence)),
    Gaps: gapsAround(files, tracks, recording.endedMs ?? nowMs, paused, presence)
  }
}

function trackOf ({ id, number, message }: TrackRow, { recording, files, segments }: TimelineState, presence: Presence | undefined): TimelineTrack {
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
        Cause: gapCause(gap, presence),
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

/** What is missing around the files of a user: audio that was lost before the first of them or after the last, and what lies between them. */
function gapsAround (files: readonly FileRow[], tracks: readonly TrackRow[], endMs: number, paused: readonly Span[], presence: Presence | undefined): TimelineUser['Gaps'] {
  // Where audio began to come of tracks that are closed without it; it went on until the next file at the latest.
  const lostMs = tracks.flatMap((track) => track.audioMs === null || track.lostMs === null ? [] : [track.audioMs])
  const firstMs = Math.min(endMs, ...files.map((file) => file.startMs))
  const lastMs = Math.max(...files.map((file) => file.endMs))
  const before = { startMs: Math.min(...lostMs), endMs: firstMs }
  const after = { startMs: Math.min(...lostMs.filter((startMs) => startMs >= lastMs)), endMs }
  const outside = [before, ...files.length > 0 ? [after] : []].filter((span) => span.startMs < span.endMs)
  return [
    ...outside.map((span) => ({ StartMs: span.startMs, EndMs: span.endMs, Cause: 'lost' })),
    ...gapsBetween(files, lostMs, paused, presence)
  ].sort((a, b) => a.StartMs - b.StartMs)
}

/** Gaps between one file of a user and the next, by cause: a pause, a mute or an absence, or else what ended the one and began the next. */
function gapsBetween (
  files: readonly FileRow[], lostMs: readonly number[], paused: readonly Span[], presence: Presence | undefined
): TimelineUser['Gaps'] {
  const ordered = [...files].sort((a, b) => a.startMs - b.startMs || a.part - b.part)
  return ordered.flatMap((file, index) => {
    const next = ordered[index + 1]
    if (next === undefined || next.startMs - file.endMs <= seamMs) return []
    const span = { startMs: file.endMs, endMs: next.startMs }
    const isPaused = lengthOf(intersect([span], paused)) * 2 > span.endMs - span.startMs
    const isLost = lostMs.some((startMs) => startMs >= span.startMs - seamMs && startMs < span.endMs)
    const broken = next.trackId !== file.trackId || file.partial ? 'takeover' : 'reconnected'
    return [{ StartMs: span.startMs, EndMs: span.endMs, Cause: isLost ? 'lost' : isPaused ? 'paused' : roomCause(span, presence) ?? broken }]
  })
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
