import { gapCause } from '../timeline/gap-cause.ts'
import { isPaused } from '../session/plan.ts'
import { loadPresences } from '../timeline/load.ts'
import type { Connection } from '../state/database.ts'
import { deliveriesOf } from '../state/events.ts'
import { openPauses, type PauseRow } from '../state/pauses.ts'
import type { RecordingRow } from '../state/recordings.ts'
import { countSegments } from '../state/segments.ts'
import { filesOf, tracksOf } from '../state/tracks.ts'
import type { RecordingDetail, RecordingView } from './recording-schema.ts'

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
    Tracks: tracks.map((track) => ({
      TrackId: track.id,
      UserId: track.userId,
      State: track.closedMs === null ? 'Open' as const : 'Closed' as const,
      Paused: row.endedMs === null && track.closedMs === null && isPaused(pauses, track.userId),
      Message: track.message,
      Segments: segments.get(track.id)?.count ?? 0,
      LastSeq: segments.get(track.id)?.lastSeq ?? 0
    })),
    Files: files.map((file) => ({
      UserId: file.userId,
      RecordFile: file.url,
      Key: file.key,
      Bytes: file.bytes,
      Sha256: file.sha256,
      StartMs: file.startMs,
      EndMs: file.endMs,
      DurationMs: file.durationMs,
      GapMs: file.gapMs,
      Gaps: file.gaps.map((gap) => ({ StartMs: gap.startMs, EndMs: gap.endMs, Cause: gapCause(gap, presences.get(file.userId)) })),
      Partial: file.partial,
      Label: file.label
    })),
    TimelineFile: row.timelineFile ?? '',
    Deliveries: deliveries.map((delivery) => ({
      Type: delivery.type,
      State: delivery.state,
      Attempts: delivery.attempts,
      LastStatus: delivery.lastStatus,
      LastError: delivery.lastError,
      NextAttemptMs: delivery.nextAttemptMs
    }))
  }
}
