import { absencesOf } from '../state/absences.ts'
import type { Connection } from '../state/database.ts'
import { pausesOf } from '../state/pauses.ts'
import type { RecordingRow } from '../state/recordings.ts'
import { doubtedMembers, newestEventBodies, robotsIn, roomEventBodies } from '../state/rooms.ts'
import { segmentsOf } from '../state/segments.ts'
import { sourcesOf } from '../state/sources.ts'
import { filesOf, tracksOf, type StoredFile } from '../state/tracks.ts'
import { together, type Results } from '../state/together.ts'
import { eventIn, sourceIn } from '../rooms/recording-time.ts'
import { isRobot, robotPrefix } from '../trtc/robot-id.ts'
import { parseRoomEvent, type RoomEvent } from '../trtc/room-event.ts'
import type { Evidence, TimelineState } from './state.ts'
import { isRoomTold } from './told.ts'

/** `resumeHoldMs`: how long after a pause what arrives is left out. */
interface LoadOptions { resumeHoldMs: number }

/** Evidence with what the tracks of its files say of them. */
interface StoredEvidence extends Evidence { files: StoredFile[] }

export type StoredTimeline = TimelineState & StoredEvidence

/** All that is known of a recording by now but its segments. */
export async function loadEvidence (db: Connection, recording: RecordingRow, { resumeHoldMs }: LoadOptions): Promise<StoredEvidence> {
  return evidenceOf(await together(db, queriesOf(db, recording)), recording, resumeHoldMs)
}

/** All that is known of a recording by now. */
export async function loadTimeline (db: Connection, recording: RecordingRow, { resumeHoldMs }: LoadOptions): Promise<StoredTimeline> {
  const { segments, ...rows } = await together(db, { ...queriesOf(db, recording), segments: segmentsOf(db, recording.id) })
  return { ...evidenceOf(rows, recording, resumeHoldMs), segments }
}

function queriesOf (db: Connection, recording: RecordingRow) {
  const { id, createdMs, endedMs, clockAheadMs } = recording
  // Arrivals are dated by the gateway's clock.
  const during = { fromMs: createdMs - clockAheadMs, toMs: endedMs === null ? null : endedMs - clockAheadMs }
  return {
    tracks: tracksOf(db, id),
    files: filesOf(db, id),
    sources: sourcesOf(db, id),
    pauses: pausesOf(db, id),
    absences: absencesOf(db, id),
    doubts: doubtedMembers(db, recording),
    robots: robotsIn(db, recording, { ...during, prefix: robotPrefix }),
    newest: newestEventBodies(db, recording, during),
    bodies: roomEventBodies(db, recording, during)
  }
}

function evidenceOf (
  { robots, newest, bodies, sources, doubts, ...rows }: Results<ReturnType<typeof queriesOf>>, recording: RecordingRow, resumeHoldMs: number
): StoredEvidence {
  const robotIds = robots.flatMap(({ userId }) => userId !== null && isRobot(userId) ? [userId] : [])
  return {
    ...rows,
    recording,
    sources: sources.map((source) => sourceIn(source, recording)),
    doubts: doubts.map((doubt) => ({ ...doubt, heardMs: doubt.heardMs + recording.clockAheadMs })),
    events: eventsIn(bodies, recording),
    robots: robotIds,
    isTold: isRoomTold(eventsIn(newest, recording), recording.createdMs),
    resumeHoldMs
  }
}

function eventsIn (rows: ReadonlyArray<{ body: string, receivedMs: number }>, recording: RecordingRow): RoomEvent[] {
  return rows.map(({ body, receivedMs }) => eventIn(parseRoomEvent(JSON.parse(body)), receivedMs, recording))
}
