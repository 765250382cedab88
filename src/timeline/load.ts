import type { Connection } from '../state/database.ts'
import { pausesOf } from '../state/pauses.ts'
import type { RecordingRow } from '../state/recordings.ts'
import { anchorsSince, roomEventBodies } from '../state/rooms.ts'
import { segmentsOf } from '../state/segments.ts'
import { sourcesOf } from '../state/sources.ts'
import { filesOf, tracksOf } from '../state/tracks.ts'
import { parseRoomEvent, type RoomEvent } from '../trtc/room-event.ts'
import { presencesOf, type Presence } from '../rooms/presence.ts'
import { windowOf, type TimelineState } from './build.ts'

/** All that is known of a recording by now. */
export async function loadTimeline (kysely: Connection, recording: RecordingRow): Promise<TimelineState> {
  const { id, createdMs } = recording
  const [tracks, files, segments, sources, pauses, anchors] = await Promise.all([
    tracksOf(kysely, id), filesOf(kysely, id), segmentsOf(kysely, id), sourcesOf(kysely, id), pausesOf(kysely, id), anchorsSince(kysely, recording, createdMs)
  ])
  const events = await eventsOf(kysely, recording, [...new Set([...tracks.map(({ userId }) => userId), ...anchors])])
  return { recording, tracks, files, segments, sources, pauses, events }
}

/** When these users were there during a recording, by what is known now. */
export async function loadPresences (kysely: Connection, recording: RecordingRow, userIds: readonly string[]): Promise<Map<string, Presence>> {
  return userIds.length === 0 ? new Map() : presencesOf(await eventsOf(kysely, recording, userIds), windowOf(recording))
}

async function eventsOf (kysely: Connection, recording: RecordingRow, userIds: readonly string[]): Promise<RoomEvent[]> {
  const bodies = await roomEventBodies(kysely, recording, { userIds, fromMs: recording.createdMs, toMs: recording.endedMs })
  return bodies.map((body) => parseRoomEvent(JSON.parse(body)))
}
