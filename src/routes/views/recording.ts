import { Type, type Static } from 'typebox'
import { isPaused } from '../../session/plan.ts'
import type { Connection } from '../../state/database.ts'
import { deliveriesOf } from '../../state/events.ts'
import { openPauses, type PauseRow } from '../../state/pauses.ts'
import { recordingStatuses, type RecordingRow } from '../../state/recordings.ts'
import { countSegments } from '../../state/segments.ts'
import { clockStepsView } from '../../timeline/build.ts'
import { absencesFor } from '../../timeline/gap-cause.ts'
import { loadEvidence } from '../../timeline/load.ts'
import { Blind, ClockSteps, incompleteMeans, Skipped, SkippedCount, Warnings } from '../../timeline/schema.ts'
import { seenOf } from '../../timeline/seen.ts'
import { windowOf } from '../../timeline/state.ts'
import { verdict } from '../../timeline/verdict.ts'
import { orNull } from '../fields.ts'
import { DeliveryView, deliveryView } from './delivery.ts'
import { FileView, fileView } from './file.ts'
import { TrackView, trackView } from './track.ts'

export const RecordingView = Type.Object({
  RecordingId: Type.String(),
  Status: Type.Enum([...recordingStatuses]),
  Reason: orNull(Type.String()),
  Message: Type.String({ description: 'Of the first of its warnings, as of its end or a little while ago; empty without one.' }),
  SdkAppId: Type.Integer(),
  RoomId: Type.Integer(),
  StrRoomId: Type.String(),
  UserId: Type.String(),
  CreatedMs: Type.Integer(),
  StartMs: orNull(Type.Integer()),
  EndMs: orNull(Type.Integer()),
  CompletedMs: orNull(Type.Integer()),
  Paused: Type.Boolean({ description: 'The whole recording is paused.' }),
  Metadata: Type.Record(Type.String(), Type.Unknown())
})
export type RecordingView = Static<typeof RecordingView>

export const RecordingList = Type.Object({ Recordings: Type.Array(RecordingView), NextCursor: orNull(Type.String()) })

export const RecordingDetail = Type.Object({
  ...RecordingView.properties,
  Tracks: Type.Array(TrackView),
  Files: Type.Array(FileView),
  TimelineFile: Type.String({ description: 'URL of timeline.json; empty until it is stored, and when the bucket refused it.' }),
  Incomplete: Type.Boolean({ description: `${incompleteMeans} As known now: a spool that comes back may bring it.` }),
  Warnings,
  Skipped,
  SkippedCount,
  Blind,
  ClockSteps,
  Deliveries: Type.Array(DeliveryView)
})
export type RecordingDetail = Static<typeof RecordingDetail>

/** @param pauses those that have not ended, of this recording at least */
export function recordingView (row: RecordingRow, pauses: readonly PauseRow[]): RecordingView {
  return {
    RecordingId: row.id,
    Status: row.status,
    Reason: row.reason,
    Message: row.message,
    SdkAppId: row.sdkAppId,
    RoomId: row.options.roomId ?? 0,
    StrRoomId: row.options.strRoomId ?? '',
    UserId: row.userId,
    CreatedMs: row.createdMs,
    StartMs: row.startedMs,
    EndMs: row.endedMs,
    CompletedMs: row.completedMs,
    Paused: row.endedMs === null && pauses.some(({ recordingId, userId }) => recordingId === row.id && userId === null),
    Metadata: row.options.metadata
  }
}

export async function recordingDetail (
  kysely: Connection, row: RecordingRow, { nowMs, resumeHoldMs }: { nowMs: number, resumeHoldMs: number }
): Promise<RecordingDetail> {
  const [evidence, segments, deliveries, open] = await Promise.all([
    loadEvidence(kysely, row, { resumeHoldMs }), countSegments(kysely, row.id), deliveriesOf(kysely, row.id), openPauses(kysely, [row.id])
  ])
  const { tracks, files, absences } = evidence
  const { incomplete, warnings, message, skipped, skippedCount, blind } = verdict(evidence, nowMs)
  const seen = seenOf(evidence)
  return {
    ...recordingView(row, open),
    // What has failed keeps its reason, also when the audio has come back since; what goes on may have more to tell than its rows.
    Message: message || (row.status === 'Completed' ? '' : row.message),
    Tracks: tracks.map((track) => trackView(track, {
      paused: row.endedMs === null && track.closedMs === null && isPaused(open, track.userId),
      segments: segments.get(track.id)
    })),
    Files: files.map((file) => fileView(file, seen.get(file.userId), absencesFor(file.userId, absences, windowOf(row)))),
    TimelineFile: row.timelineFile ?? '',
    Incomplete: incomplete,
    Warnings: warnings,
    Skipped: skipped,
    SkippedCount: skippedCount,
    Blind: blind.map(({ startMs, endMs }) => ({ StartMs: startMs, EndMs: endMs === Infinity ? null : endMs })),
    ClockSteps: clockStepsView(row),
    Deliveries: deliveries.map(deliveryView)
  }
}
