import { Type, type Static } from 'typebox'
import { isPaused } from '../../session/plan.ts'
import type { Connection } from '../../state/database.ts'
import { deliveriesOf } from '../../state/events.ts'
import { openPauses, type PauseRow } from '../../state/pauses.ts'
import { recordingStatuses, type RecordingRow } from '../../state/recordings.ts'
import { countSegments } from '../../state/segments.ts'
import { filesOf, isIncomplete, tracksOf } from '../../state/tracks.ts'
import { loadPresences } from '../../timeline/load.ts'
import { orNull } from '../fields.ts'
import { DeliveryView, deliveryView } from './delivery.ts'
import { FileView, fileView } from './file.ts'
import { TrackView, trackView } from './track.ts'

export const RecordingView = Type.Object({
  RecordingId: Type.String(),
  Status: Type.Enum([...recordingStatuses]),
  Reason: orNull(Type.String()),
  Message: Type.String(),
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
  Incomplete: Type.Boolean({ description: 'Audio that was received is in no file: the message of a track says why. A spool that comes back may bring it.' }),
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

export async function recordingDetail (kysely: Connection, row: RecordingRow): Promise<RecordingDetail> {
  const [tracks, files, segments, deliveries, pauses] = await Promise.all([
    tracksOf(kysely, row.id), filesOf(kysely, row.id), countSegments(kysely, row.id), deliveriesOf(kysely, row.id), openPauses(kysely, [row.id])
  ])
  const presences = await loadPresences(kysely, row, [...new Set(files.filter(({ gaps }) => gaps.length > 0).map(({ userId }) => userId))])
  return {
    ...recordingView(row, pauses),
    Tracks: tracks.map((track) => trackView(track, {
      paused: row.endedMs === null && track.closedMs === null && isPaused(pauses, track.userId),
      segments: segments.get(track.id)
    })),
    Files: files.map((file) => fileView(file, presences.get(file.userId))),
    TimelineFile: row.timelineFile ?? '',
    Incomplete: isIncomplete(tracks),
    Deliveries: deliveries.map(deliveryView)
  }
}
