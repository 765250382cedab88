import { absencesOf } from '../state/absences.ts'
import type { Connection } from '../state/database.ts'
import { pausesOf } from '../state/pauses.ts'
import type { RecordingRow } from '../state/recordings.ts'
import { anchorsSince, doubtedMembers, newestEventBodies, robotsIn, roomEventBodies } from '../state/rooms.ts'
import { segmentsOf } from '../state/segments.ts'
import { sourcesOf } from '../state/sources.ts'
import { filesOf, tracksOf, type StoredFile } from '../state/tracks.ts'
import { isRobot, robotPrefix } from '../trtc/robot-id.ts'
import { parseRoomEvent, type RoomEvent } from '../trtc/room-event.ts'
import type { Evidence, TimelineState } from './state.ts'
import { isRoomTold } from './told.ts'

/** `resumeHoldMs`: how long after a pause what arrives is left out. */
interface LoadOptions { resumeHoldMs: number }

interface StoredEvidence extends Evidence { files: StoredFile[] }

/** All that is known of a recording by now but its segments. */
export async function loadEvidence (db: Connection, recording: RecordingRow, { resumeHoldMs }: LoadOptions): Promise<StoredEvidence> {
  const { id, createdMs, endedMs } = recording
  const during = { fromMs: createdMs, toMs: endedMs }
  const [tracks, files, sources, pauses, absences, anchors, doubts, robots, newest] = await Promise.all([
    tracksOf(db, id), filesOf(db, id), sourcesOf(db, id), pausesOf(db, id), absencesOf(db, id), anchorsSince(db, recording, createdMs),
    doubtedMembers(db, recording), robotsIn(db, recording, { ...during, prefix: robotPrefix }), newestEventBodies(db, recording, during)
  ])
  const userIds = [...new Set([...tracks.map(({ userId }) => userId), ...anchors])]
  const bodies = await roomEventBodies(db, recording, { userIds, ...during })
  const events = eventsIn(bodies)
  const isTold = isRoomTold(eventsIn(newest), createdMs)
  return { recording, tracks, files, sources, pauses, absences, events, doubts, robots: robots.filter(isRobot), isTold, resumeHoldMs }
}

/** All that is known of a recording by now. */
export async function loadTimeline (db: Connection, recording: RecordingRow, options: LoadOptions): Promise<TimelineState> {
  const [evidence, segments] = await Promise.all([loadEvidence(db, recording, options), segmentsOf(db, recording.id)])
  return { ...evidence, segments }
}

function eventsIn (bodies: readonly string[]): RoomEvent[] {
  return bodies.map((body) => parseRoomEvent(JSON.parse(body)))
}
