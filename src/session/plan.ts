import type { PauseRow } from '../state/pauses.ts'
import type { EndReason, RecordingRow } from '../state/recordings.ts'
import type { RoomRows } from '../state/rooms.ts'
import type { SourceWithTask } from '../state/sources.ts'
import type { TrackRow } from '../state/tracks.ts'
import { anchorsOf, lastAnchorMs } from '../rooms/members.ts'
import { isSubscribed } from '../rooms/audience.ts'

/** The desired state: what the database says of a recording. */
export interface Desired {
  recording: RecordingRow
  room: RoomRows
  tracks: TrackRow[]
  /** Sources that nobody has stopped yet. */
  sources: SourceWithTask[]
  /** Pauses that have not ended. */
  pauses: PauseRow[]
  /** The spool of this gateway, and those of the tracks' spools that are not waited for any more. */
  spool: { id: string, lost: ReadonlySet<string> }
}

/** The actual state of one track: what this process is doing about it. */
export interface Actual {
  trackId: string
  userId: string
  /** `closing`: its files are being finished and uploaded; `unstored`: uploading them failed and is due again at `retryAtMs`. */
  phase: 'recording' | 'closing' | 'unstored'
  source: ActualSource
  /** Audio that arrives is left out. */
  paused: boolean
  /** Unix milliseconds before which the next attempt, to connect or to store, is not made. */
  retryAtMs: number
}

/**
 * `none`: nobody pushes; `starting`, `stopping`: TRTC is being asked; `waiting`: the relay may come any time;
 * `live`: audio arrives; `lost`: the connection broke and may come back with the same key.
 */
export interface ActualSource { id: string | undefined, state: 'none' | 'starting' | 'waiting' | 'live' | 'lost' | 'stopping', sinceMs: number }

export type Action =
  | { type: 'end', reason: EndReason }
  /** Open a track for a user who has none, and have the audio pushed. */
  | { type: 'record', userId: string }
  /** Have the audio of an open track pushed again. */
  | { type: 'connect', trackId: string }
  /** Leave out what arrives, or keep it again. The source stays: resuming takes no time. */
  | { type: 'pause', trackId: string, paused: boolean }
  /** Have nothing pushed any more; `over`: what was pushing has ended by itself. */
  | { type: 'disconnect', trackId: string, over: boolean }
  /** Finish the files and upload them: of a track of this process, or of one that a former owner left open. */
  | { type: 'close', trackId: string }
  /** Close a track whose spool did not come back, without its audio. */
  | { type: 'lose', trackId: string }
  /** Stop a relay that nobody uses: a former owner's, or one whose end could not be noted. */
  | { type: 'abandon', sourceId: string }
  /** Upload the timeline beside the files, which are all uploaded. */
  | { type: 'timeline' }
  | { type: 'complete' }

/** How long a relay is waited for: TRTC's relay tries for 60 s to come back, then gives up. */
const relayGivesUpMs = 70_000

/**
 * One step of the reconcile loop: what has to be done so that the actual state becomes the desired one. Pure: the same states give the same
 * actions, whatever events led there and how often they came.
 */
export function plan (desired: Desired, actual: readonly Actual[], nowMs: number): Action[] {
  const { recording, tracks, sources } = desired
  const actions: Action[] = []
  const reason = recording.reason ?? endReason(desired, nowMs)
  if (recording.reason === null && reason !== undefined) actions.push({ type: 'end', reason })

  const wanted = new Set(reason === undefined ? subscribers(desired) : [])
  const open = new Map(actual.filter(({ phase }) => phase === 'recording').map((track) => [track.userId, track]))
  const mine = new Set(actual.map(({ trackId }) => trackId))

  for (const userId of wanted) {
    if (!open.has(userId)) actions.push({ type: 'record', userId })
  }
  for (const track of open.values()) {
    const { trackId, userId, source, retryAtMs } = track
    // Before it is connected: what is paused hears nothing from the first frame on.
    const paused = isPaused(desired.pauses, userId)
    if (track.paused !== paused) actions.push({ type: 'pause', trackId, paused })
    if (source.state === 'none') {
      if (reason !== undefined) actions.push({ type: 'close', trackId })
      else if (wanted.has(userId) && nowMs >= retryAtMs) actions.push({ type: 'connect', trackId })
    } else if (isPushed(track)) {
      const isWanted = wanted.has(userId)
      const over = isWanted && isOver(track, desired, nowMs)
      if (over || !isWanted) actions.push({ type: 'disconnect', trackId, over })
    }
  }
  for (const { trackId, phase, retryAtMs } of actual) {
    if (phase === 'unstored' && nowMs >= retryAtMs) actions.push({ type: 'close', trackId })
  }
  for (const { id, closedMs, spoolId } of tracks) {
    if (closedMs !== null || mine.has(id)) continue
    if (spoolId === desired.spool.id) actions.push({ type: 'close', trackId: id })
    // Nobody closes the track of another spool while it may come back: its audio is there.
    else if (spoolId !== null && desired.spool.lost.has(spoolId)) actions.push({ type: 'lose', trackId: id })
  }
  const used = new Set(actual.map(({ source }) => source.id))
  for (const { id } of sources) {
    if (!used.has(id)) actions.push({ type: 'abandon', sourceId: id })
  }
  const done = actual.length === 0 && sources.length === 0 && tracks.every(({ closedMs }) => closedMs !== null)
  if (recording.reason !== null && done) actions.push({ type: recording.timelineFile === null ? 'timeline' : 'complete' })
  return actions
}

/** Whether somebody was asked to push, and is not yet asked to stop. */
export function isPushed ({ source: { state } }: { source: Pick<ActualSource, 'state'> }): boolean {
  return state === 'waiting' || state === 'live' || state === 'lost'
}

/** Whether the user is not to be heard: by a pause of everybody or by one of their own. @param pauses that have not ended */
export function isPaused (pauses: readonly Pick<PauseRow, 'userId'>[], userId: string): boolean {
  return pauses.some((pause) => pause.userId === null || pause.userId === userId)
}

function subscribers ({ recording, room }: Desired): string[] {
  return anchorsOf(room).map(({ userId }) => userId)
    .filter((userId) => userId !== recording.userId && isSubscribed(recording.options.subscribe, userId))
}

/** Whether a source has ended by itself, or will never begin although its anchor has been talking for as long as TRTC would try. */
function isOver ({ userId, source }: Actual, { sources, room }: Desired, nowMs: number): boolean {
  if (source.state === 'lost' && nowMs - source.sinceMs > relayGivesUpMs) return true
  const status = sources.find(({ id }) => id === source.id)?.relayStatus
  if (status === 'failed' || status === 'idle') return true
  const member = room.members.find((each) => each.userId === userId)
  return source.state === 'waiting' && member?.audible === true && nowMs - Math.max(source.sinceMs, member.audibleMs) > relayGivesUpMs
}

function endReason (desired: Desired, nowMs: number): EndReason | undefined {
  const { recording, room } = desired
  const { createdMs, options } = recording
  const recorder = room.members.find(({ userId }) => userId === recording.userId)
  if (recording.stopRequestedMs !== null) return 'StopRequested'
  if (room.dismissedMs > createdMs) return 'RoomDismissed'
  if (recorder !== undefined && recorder.kickedMs > createdMs) return 'RecorderRemoved'
  if (nowMs >= createdMs + options.maxDurationSeconds * 1000) return 'MaxDurationReached'
  return nowMs >= idleEndMs(desired) ? 'IdleTimeout' : undefined
}

/** When the recording ends if nothing more happens, Unix milliseconds. */
export function latestEndMs (desired: Desired): number {
  const { createdMs, options } = desired.recording
  return Math.min(createdMs + options.maxDurationSeconds * 1000, idleEndMs(desired))
}

function idleEndMs ({ recording: { createdMs, options }, room }: Desired): number {
  return anchorsOf(room).length > 0 ? Infinity : Math.max(createdMs, lastAnchorMs(room)) + options.maxIdleSeconds * 1000
}
