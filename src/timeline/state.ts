import type { Span } from '../core/spans.ts'
import { isSubscribed } from '../rooms/audience.ts'
import type { AbsenceRow } from '../state/absences.ts'
import type { PauseRow } from '../state/pauses.ts'
import type { RecordingRow } from '../state/recordings.ts'
import type { MemberRow } from '../state/rooms.ts'
import type { SegmentRow } from '../state/segments.ts'
import type { SourceWithTask } from '../state/sources.ts'
import type { FileRow, TrackRow } from '../state/tracks.ts'
import { isRobot } from '../trtc/robot-id.ts'
import type { RoomEvent } from '../trtc/room-event.ts'

/** A member who may be gone though no event said so. */
type Doubt = Pick<MemberRow, 'userId' | 'heardMs'>

/** All that is stored of a recording and tells what became of it. Rows in any order. */
export interface Evidence {
  recording: RecordingRow
  tracks: TrackRow[]
  files: FileRow[]
  sources: SourceWithTask[]
  pauses: PauseRow[]
  absences: AbsenceRow[]
  /** Of the room and of whoever was an anchor or has a track; those from before the recording too, since they tell who was there when it began. */
  events: RoomEvent[]
  doubts: Doubt[]
  /** Relay robots that the room's events showed as users. */
  robots: string[]
  /** An event told of the room: during the recording, or before it and the room was not dismissed since. */
  isTold: boolean
  /** What arrives so long after the end of a pause is left out too: it was said during the pause. */
  resumeHoldMs: number
}

/** All that is stored of a recording and says something of time. */
export interface TimelineState extends Evidence {
  segments: SegmentRow[]
}

/** The time that a recording covers; `endMs` is Infinity while it goes on. */
export function windowOf ({ createdMs, endedMs }: RecordingRow): Span {
  return { startMs: createdMs, endMs: endedMs ?? Infinity }
}

/** Whether nothing is to be expected of the recording any more: it has ended, and its tracks are closed. */
export function isSettled ({ recording, tracks }: Evidence): boolean {
  return recording.endedMs !== null && tracks.every(({ closedMs }) => closedMs !== null)
}

/** Whether a recording is to hold this user. */
export function isToRecord ({ userId: recorderId, options }: RecordingRow, userId: string): boolean {
  return userId !== recorderId && !isRobot(userId) && isSubscribed(options.subscribe, userId)
}
