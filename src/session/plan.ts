import type { PauseRow } from '../state/pauses.ts'
import type { EndReason, RecordingRow } from '../state/recordings.ts'
import type { RoomRows } from '../state/rooms.ts'
import type { SourceWithTask } from '../state/sources.ts'
import type { TrackRow } from '../state/tracks.ts'
import { isSubscribed } from '../rooms/audience.ts'
import { askAgainMs, presence, presenceTimes, type Attendance, type Evidence } from '../rooms/presence.ts'

/** The desired state: what the database says of a recording. */
export interface Desired {
  recording: RecordingRow
  room: RoomRows
  tracks: TrackRow[]
  /** Every source, oldest first. */
  sources: SourceWithTask[]
  /** Pauses that have not ended, or only just. */
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
  /**
   * Whether a thread has it; of a track whose source was let go that does not matter. `up`: the thread that its source pushes to runs and can
   * take it; `down`: it is being replaced; `none`: nobody listens there any more.
   */
  reach: 'open' | 'up' | 'down' | 'none'
  /** Audio that arrives is left out. */
  paused: boolean
  /** Unix milliseconds before which the next attempt, to connect or to store, is not made. */
  retryAtMs: number
}

/**
 * `none`: nobody pushes; `starting`: TRTC is being asked; `waiting`: the relay may come any time; `live`: audio arrives; `lost`: the connection
 * broke and may come back with the same key.
 */
interface ActualSource {
  /** Who was asked and not let go, the newest first: one, or two of which the first to bring audio stays. */
  ids: readonly string[]
  state: 'none' | 'starting' | 'waiting' | 'live' | 'lost'
  sinceMs: number
  /** Nobody knows whether TRTC will push. */
  isUnanswered?: boolean
  /** Since when nobody here could hear it. */
  awaySinceMs?: number
  /** Since when what is under way is waited for, as the user is wanted no more, and whether no more has come for a while. */
  ending?: { sinceMs: number, isQuiet: boolean }
}

/** What this process is, to a recording. */
export interface Here {
  /** When the process before this one last worked; undefined: there was none while the recording was made. */
  awaySinceMs: number | undefined
  listeningSinceMs: number
  lastPushMs: Evidence['lastPushMs']
  /** How long TRTC keeps a task whose anchor is gone. */
  maxIdleMs: number
  /** How long after the end of a pause what arrives was said during it. */
  resumeHoldMs: number
}

export type Action =
  | { type: 'end', reason: EndReason }
  /** Open a track for a user who has none, and have the audio pushed. */
  | { type: 'record', userId: string }
  /** Go on with a track of a former owner, with the sources that may come back to it, the newest first. */
  | { type: 'resume', trackId: string, sourceIds: string[] }
  /** Have a thread write a track again whose sources may come back. */
  | { type: 'reopen', trackId: string }
  /** Have the audio of an open track pushed, also while somebody else who was asked may still come. */
  | { type: 'connect', trackId: string }
  /** Leave out what arrives, or keep it again. The source stays: resuming takes no time. */
  | { type: 'pause', trackId: string, paused: boolean }
  /** Wait for what is under way, since the user is wanted no more; or no longer do so. */
  | { type: 'drain', trackId: string, on: boolean }
  /** Have nothing pushed any more; `over`: what was pushing has ended by itself, and whether that is a failure. */
  | { type: 'disconnect', trackId: string, over?: 'ended' | 'failed' }
  /** A source was announced, and no push came. */
  | { type: 'absent', sourceId: string }
  /** A user may be gone, though no event said so. */
  | { type: 'doubt', userId: string }
  /** Finish the files and upload them: of a track of this process, or of one that a former owner left open. */
  | { type: 'close', trackId: string }
  /** Close a track whose spool did not come back, without its audio. */
  | { type: 'lose', trackId: string }
  /** Let a source go that nobody uses: a former owner's, or one whose end could not be noted. */
  | { type: 'abandon', sourceId: string }
  /** Upload the timeline beside the files, which are all uploaded, and tell what became of the recording. */
  | { type: 'complete' }

/** What is under way when a user leaves is waited for until so long after the event, and so long after we heard of it, at least and at most. */
const underWayMs = 3_000
const leastWaitMs = 1_000

/**
 * One step of the reconcile loop: what has to be done so that the actual state becomes the desired one. Pure: the same states give the same
 * actions, whatever events led there and how often they came.
 */
export function plan (desired: Desired, actual: readonly Actual[], here: Here, nowMs: number): Action[] {
  const { recording, room, tracks } = desired
  const actions: Action[] = []
  const live = new Set(actual.filter(({ source }) => source.state === 'live').map(({ userId }) => userId))
  const present = presence({ room, sources: desired.sources, live, ...here }, nowMs)
  const reason = recording.reason ?? endReason(desired, present, nowMs)
  if (recording.reason === null && reason !== undefined) actions.push({ type: 'end', reason })
  for (const { userId, certainty, unconfirmedMs } of present.values()) {
    if (certainty === 'unconfirmed' && unconfirmedMs === undefined) actions.push({ type: 'doubt', userId })
  }

  const asked = new Set(actual.filter(({ source }) => source.state !== 'none').map(({ userId }) => userId))
  const wanted = new Set(reason === undefined ? subscribers(desired, present, asked, nowMs) : [])
  const mine = new Set(actual.map(({ trackId }) => trackId))
  const open = new Set(actual.filter(({ phase }) => phase === 'recording').map(({ userId }) => userId))
  for (const track of newestFirst(tracks)) {
    if (track.closedMs !== null || mine.has(track.id)) continue
    const action = takeUp(track, desired, here, { isOver: reason !== undefined || open.has(track.userId), nowMs })
    if (action === undefined) continue
    if (action.type === 'resume') open.add(track.userId)
    actions.push(action)
  }
  for (const userId of wanted) {
    if (!open.has(userId)) actions.push({ type: 'record', userId })
  }
  for (const track of actual) {
    if (track.phase === 'recording') actions.push(...ofTrack(track, desired, { isWanted: wanted.has(track.userId), reason, here, nowMs }))
    else if (track.phase === 'unstored' && nowMs >= track.retryAtMs) actions.push({ type: 'close', trackId: track.trackId })
  }
  const used = new Set([...actual.flatMap(({ source }) => source.ids), ...actions.flatMap((action) => action.type === 'resume' ? action.sourceIds : [])])
  const unstopped = desired.sources.filter(({ stoppedMs }) => stoppedMs === null)
  for (const { id } of unstopped) {
    if (!used.has(id)) actions.push({ type: 'abandon', sourceId: id })
  }
  const done = actual.length === 0 && unstopped.length === 0 && tracks.every(({ closedMs }) => closedMs !== null)
  if (recording.reason !== null && done) actions.push({ type: 'complete' })
  return actions
}

/** What becomes of a track that a former owner left open; undefined: its spool is waited for. */
function takeUp (
  { id, userId, spoolId }: TrackRow, { sources, spool }: Desired, { awaySinceMs }: Here, { isOver, nowMs }: { isOver: boolean, nowMs: number }
): Action | undefined {
  // Nobody closes the track of another spool while it may come back: its audio is there.
  if (spoolId !== spool.id) return spoolId !== null && spool.lost.has(spoolId) ? { type: 'lose', trackId: id } : undefined
  if (isOver) return { type: 'close', trackId: id }
  const isBack = awaySinceMs !== undefined && nowMs - awaySinceMs < presenceTimes.reconnectsForMs
  const own = sources.filter((source) => source.userId === userId && source.stoppedMs === null && source.port !== null && source.outcome === null)
  return { type: 'resume', trackId: id, sourceIds: isBack ? own.slice(-2).reverse().map((source) => source.id) : [] }
}

interface Situation { isWanted: boolean, reason: EndReason | undefined, here: Here, nowMs: number }

/** What has to be done about a track that is recorded. */
function ofTrack (track: Actual, desired: Desired, situation: Situation): Action[] {
  const { trackId, userId, source, reach } = track
  const { isWanted, reason, here, nowMs } = situation
  const actions: Action[] = []
  // Before it is connected: what is paused hears nothing from the first frame on.
  const paused = isPaused(desired.pauses, userId, nowMs - here.resumeHoldMs)
  if (track.paused !== paused) actions.push({ type: 'pause', trackId, paused })
  if (source.state === 'none') {
    if (reason !== undefined) actions.push({ type: 'close', trackId })
    else if (isWanted && nowMs >= track.retryAtMs) actions.push({ type: 'connect', trackId })
    return actions
  }
  if (!isWanted) {
    if (source.ending === undefined && reach === 'open') actions.push({ type: 'drain', trackId, on: true })
    else if (hasDrained(track, endedMs(userId, desired, reason, nowMs), nowMs)) actions.push({ type: reason === undefined ? 'disconnect' : 'close', trackId })
    return actions
  }
  if (source.ending !== undefined) actions.push({ type: 'drain', trackId, on: false })
  if (reach !== 'open') {
    const isLate = source.awaySinceMs !== undefined && nowMs - source.awaySinceMs >= presenceTimes.reconnectsForMs
    if (reach === 'none' || isLate) actions.push({ type: 'disconnect', trackId })
    else if (reach === 'up') actions.push({ type: 'reopen', trackId })
    return actions
  }
  const over = overOf(track, desired, nowMs)
  if (over !== undefined) actions.push({ type: 'disconnect', trackId, over })
  else if (isToAskAnother(track, desired.sources, nowMs)) actions.push({ type: 'connect', trackId })
  actions.push(...desired.sources.filter((each) => source.ids.includes(each.id) && isAbsent(each, track, desired, nowMs)).map(({ id }) => ({ type: 'absent' as const, sourceId: id })))
  return actions
}

/** Whether nothing that was said by the end is under way any more. @param endMs the time of what ended it */
function hasDrained ({ source, reach }: Actual, endMs: number, nowMs: number): boolean {
  const { state, ending } = source
  if (reach !== 'open' || state === 'lost') return true
  if (ending === undefined) return false
  return ending.isQuiet || nowMs >= drainedMs(ending, endMs)
}

/** When an end is waited for no longer, whatever still comes. */
function drainedMs ({ sinceMs }: { sinceMs: number }, endMs: number): number {
  return Math.min(sinceMs + underWayMs, Math.max(sinceMs + leastWaitMs, endMs + underWayMs))
}

/** When it happened that the user is wanted no more, Unix milliseconds. */
function endedMs (userId: string, { recording, room }: Desired, reason: EndReason | undefined, nowMs: number): number {
  const member = (id: string) => room.members.find((each) => each.userId === id)
  switch (reason) {
    case 'RoomDismissed': return room.dismissedMs
    case 'RecorderRemoved': return member(recording.userId)?.kickedMs ?? nowMs
    case 'StopRequested': return recording.stopRequestedMs ?? nowMs
    case 'IdleTimeout':
    case 'MaxDurationReached': return recording.endedMs ?? nowMs
    case undefined: {
      const { present = null, presentMs = 0, anchor = null, anchorMs = 0 } = member(userId) ?? {}
      return Math.max(present === false ? presentMs : 0, anchor === false ? anchorMs : 0) || nowMs
    }
    default: return reason satisfies never
  }
}

/**
 * Whether another source is to be asked for beside the one that may still come: nobody knows whether that was taken, as TRTC neither answered nor
 * told of it since; or it was asked for before we were away, and has not come back.
 */
function isToAskAnother ({ source, retryAtMs }: Actual, sources: readonly SourceWithTask[], nowMs: number): boolean {
  const { ids, state, sinceMs, awaySinceMs, isUnanswered } = source
  const newest = sources.find(({ id }) => id === ids[0])
  if (newest === undefined || state === 'starting' || state === 'live' || nowMs < retryAtMs) return false
  if (isUnanswered === true) return newest.relayStatus === null
  return awaySinceMs !== undefined && newest.createdMs < awaySinceMs && nowMs - sinceMs >= presenceTimes.returnsWithinMs
}

/** Whether a source has ended by itself, or will never begin although its anchor has been talking for as long as TRTC would try. */
function overOf ({ userId, source }: Actual, { sources, room }: Desired, nowMs: number): 'ended' | 'failed' | undefined {
  const { ids, state, sinceMs } = source
  if (state === 'starting' || state === 'live') return undefined
  const own = sources.filter(({ id }) => ids.includes(id))
  // Of one that was asked for earlier nobody may ever be told; it is not waited for alone.
  const isGivenUp = ({ id }: SourceWithTask): boolean => id !== ids[0] && nowMs - sinceMs > presenceTimes.givesUpMs
  const hasEnded = (row: SourceWithTask): boolean => row.idleMs !== null || row.failedMs !== null || row.relayStatus === 'failed' || isGivenUp(row)
  if (own.length > 0 && own.length === ids.length && own.every(hasEnded)) return own.some(({ failedMs }) => failedMs !== null) ? 'failed' : 'ended'
  if (state === 'lost') return nowMs - sinceMs > presenceTimes.givesUpMs ? 'ended' : undefined
  const member = room.members.find((each) => each.userId === userId)
  const announcedMs = member?.audible === true ? Math.max(sinceMs, member.audibleMs) : Infinity
  return nowMs - announcedMs > presenceTimes.givesUpMs ? 'failed' : undefined
}

/** Whether a source was announced, by TRTC or by the speaker's own event, and no push of it has come in good time. */
function isAbsent (row: SourceWithTask, { userId, source }: Actual, { room }: Desired, nowMs: number): boolean {
  if (source.state === 'live' || row.absentMs !== null || row.pushedMs !== null) return false
  const member = room.members.find((each) => each.userId === userId)
  // One that waits for its turn to be asked for, or for the answer, is not announced by whoever speaks.
  const isNewest = source.ids[0] === row.id
  const askedMs = !isNewest ? row.createdMs : source.state === 'starting' ? Infinity : source.sinceMs
  const announcedMs = Math.min(row.toldMs ?? Infinity, member?.audible === true ? Math.max(askedMs, member.audibleMs) : Infinity)
  return nowMs - announcedMs >= presenceTimes.absentAfterMs
}

/** Whether the user is not to be heard: by a pause of everybody or by one of their own. @param endedAfterMs a pause that ended after it counts, too */
export function isPaused (pauses: readonly Pick<PauseRow, 'userId' | 'endMs'>[], userId: string, endedAfterMs = Infinity): boolean {
  return pauses.some((pause) => (pause.userId === null || pause.userId === userId) && (pause.endMs === null || pause.endMs > endedAfterMs))
}

/** Who is to be recorded now. Somebody unconfirmed is while somebody asked for them may come, and when they are to be asked for again. */
function subscribers ({ recording, sources }: Desired, present: ReadonlyMap<string, Attendance>, asked: ReadonlySet<string>, nowMs: number): string[] {
  return [...present.values()].filter((attendance) => {
    const { userId, certainty } = attendance
    if (userId === recording.userId || !isSubscribed(recording.options.subscribe, userId)) return false
    return certainty === 'there' || asked.has(userId) || (askAgainMs(attendance, sources, recording, nowMs) ?? Infinity) <= nowMs
  }).map(({ userId }) => userId)
}

function newestFirst (tracks: readonly TrackRow[]): TrackRow[] {
  return [...tracks].sort((a, b) => b.number - a.number)
}

function endReason (desired: Desired, present: ReadonlyMap<string, Attendance>, nowMs: number): EndReason | undefined {
  const { recording, room } = desired
  const { createdMs, options } = recording
  const recorder = room.members.find(({ userId }) => userId === recording.userId)
  if (recording.stopRequestedMs !== null) return 'StopRequested'
  if (room.dismissedMs > createdMs) return 'RoomDismissed'
  if (recorder !== undefined && recorder.kickedMs > createdMs) return 'RecorderRemoved'
  if (nowMs >= createdMs + options.maxDurationSeconds * 1000) return 'MaxDurationReached'
  return nowMs >= idleEndMs(desired, present) ? 'IdleTimeout' : undefined
}

/** When a plan is due that nobody wakes the session for, Unix milliseconds: an end, the end of a wait, the next attempt. */
export function dueMs (desired: Desired, actual: readonly Actual[], here: Here, nowMs: number): number[] {
  const { recording, room, sources, pauses } = desired
  const live = new Set(actual.filter(({ source }) => source.state === 'live').map(({ userId }) => userId))
  const present = presence({ room, sources, live, ...here }, nowMs)
  return [
    recording.createdMs + recording.options.maxDurationSeconds * 1000,
    idleEndMs(desired, present),
    ...pauses.flatMap(({ endMs }) => endMs === null ? [] : [endMs + here.resumeHoldMs]),
    ...actual.flatMap(({ userId, source, retryAtMs }) => {
      const { ending, awaySinceMs, sinceMs } = source
      return [
        retryAtMs,
        ...ending === undefined ? [] : [drainedMs(ending, endedMs(userId, desired, recording.reason ?? undefined, nowMs))],
        ...awaySinceMs === undefined ? [] : [sinceMs + presenceTimes.returnsWithinMs]
      ]
    })
  ]
}

/** When the recording ends if nobody comes: while somebody is there for certain, never. */
function idleEndMs ({ recording: { createdMs, options }, room }: Desired, present: ReadonlyMap<string, Attendance>): number {
  const unconfirmed = [...present.values()].filter(({ certainty }) => certainty === 'unconfirmed')
  if (unconfirmed.length < present.size) return Infinity
  return Math.max(createdMs, room.lastAnchoredMs, ...unconfirmed.map(({ lastSignMs }) => lastSignMs)) + options.maxIdleSeconds * 1000
}
