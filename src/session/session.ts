import type { JobAttempt, PgBoss } from 'pg-boss'
import type { Logger } from 'pino'
import type { GatewayClock, SteadyClock } from '../core/clock.ts'
import { aheadAfter, stepsBy } from '../core/clock-steps.ts'
import { recordingEnded } from '../callback/events/recording-ended.ts'
import { recordingUpdated } from '../callback/events/recording-updated.ts'
import { aheadNow, type EventClock } from '../rooms/event-clock.ts'
import { clockOf } from '../rooms/recording-clock.ts'
import { roomIn, sourceIn } from '../rooms/recording-time.ts'
import { inTransaction } from '../state/database.ts'
import { queues } from '../state/queues.ts'
import { changeRecording, heldRecording, setClock, type RecordingRow } from '../state/recordings.ts'
import { doubtMember } from '../state/rooms.ts'
import type { TrackRow } from '../state/tracks.ts'
import { verdict, type Verdict } from '../timeline/verdict.ts'
import { ActiveTracks, type ActiveTracksDeps } from './active-tracks.ts'
import { PauseEnds } from './pause-ends.ts'
import type { PortPushes } from './port-pushes.ts'
import { closeAndTell } from './close-track.ts'
import { callbackOf } from './recording-callback.ts'
import { endRecording, startRecording, type FirstAudio } from './recording-changes.ts'
import { SegmentLedger, type SegmentLedgerDeps } from './segment-ledger.ts'
import { SharedAbsences, type SharedAbsencesDeps } from './shared-absences.ts'
import { dueMs, plan, type Action, type Desired, type Here } from './plan.ts'
import type { RecordingSecrets } from '../state/recording-secrets.ts'
import type { Spools } from './spools.ts'
import type { StateReader } from './state-reader.ts'
import { TrackNotes } from './track-notes.ts'
import { TimelineUpload, type TimelineUploadDeps, type UploadedTimeline } from './upload-timeline.ts'
import { WarningWatch } from './warning-watch.ts'
import type { Wakeup } from '../core/wakeup.ts'

export interface SessionDeps extends Omit<ActiveTracksDeps, 'clock'>, SegmentLedgerDeps, Omit<TimelineUploadDeps, 'clock'>, Omit<SharedAbsencesDeps, 'clock'> {
  boss: PgBoss
  gatewayClock: GatewayClock
  states: Pick<StateReader, 'read'>
  /** How TRTC's clock stands to the gateway's. */
  eventClock: Pick<EventClock, 'aheadMs'>
  pool: ActiveTracksDeps['pool'] & SegmentLedgerDeps['pool'] & TimelineUploadDeps['pool']
  spools: ActiveTracksDeps['spools'] & Pick<Spools, 'lostOf'>
  pushes: PortPushes
  /** When the process before this one last worked, by the gateway's clock; undefined: there was none. */
  awaySinceMs: number | undefined
  /** When this process began to listen for pushes, by the same clock. */
  listeningSinceMs: number
  /** When it began to listen for events, by the same; undefined: it does not yet. */
  hearsSinceMs: () => number | undefined
  /** How long TRTC keeps a relay task whose anchor is gone. */
  maxIdleMs: number
  /** How long after the end of a pause what arrives was said during it. */
  resumeHoldMs: number
}

/** What the session of one recording has: `clock` is the recording's. */
type OwnDeps = SessionDeps & { clock: SteadyClock }

/** A recording this node owns. */
export interface Owned {
  /** The row as it was taken over: its generation is the fencing token that tells our writes from those of a former owner. */
  recording: RecordingRow
  secrets: RecordingSecrets
  /** It has another clock than its former owner had. */
  hasNewClock: boolean
  /** The job by which we own it; renewed by the queue engine at times. */
  job: () => JobAttempt
}

/** The longest a session sleeps: nothing is missed for longer, even if no wake-up comes. */
const longestSleepMs = 5_000
const pauseAfterErrorMs = 1_000

/**
 * The reconcile loop of one recording, from taking it over to its end: compares the desired state with the actual one, acts on the difference,
 * waits, and begins again.
 * Safe to run again from any stored state. Returns when the recording is complete, lost to another owner, or `signal` says to give up.
 */
export async function runSession (owned: Owned, wakeup: Wakeup, shared: SessionDeps, { signal }: { signal: AbortSignal }): Promise<void> {
  const { recording, secrets, hasNewClock } = owned
  const log = shared.log.child({ recordingId: recording.id, generation: recording.generation })
  const clock = clockOf(recording, shared.gatewayClock)
  const deps: OwnDeps = { ...shared, clock, log }
  const wake = (): void => { wakeup.wake() }
  const onLive = (userId: string, atMs: number): void => { started ??= { userId, atMs }; wake() }
  let started: FirstAudio | undefined
  const segments = new SegmentLedger({ recording, target: secrets.store, callback: callbackOf(recording, secrets) }, deps, { signal })
  const notes = new TrackNotes(recording, deps)
  const warnings = new WarningWatch(recording, deps)
  const absences = new SharedAbsences(notes, recording, deps)
  const time = { clockOffsetMs: clock.offsetMs, hasNewClock }
  const active = new ActiveTracks({ recording, ...time, target: secrets.store, segments, notes, wake, onLive }, deps, { signal })
  const timeline = new TimelineUpload(secrets.store, deps, { signal })
  const here = hereOf(recording, deps)
  const pauseEnds = new PauseEnds(active, here, clock)
  let failingSinceMs: number | undefined
  let clockSteps = recording.clockSteps

  log.info({ sdkAppId: recording.sdkAppId, roomKey: recording.roomKey }, 'recording taken over')
  let awaySinceMs = here.awaySinceMs
  while (!signal.aborted) {
    let sleepMs = longestSleepMs
    let askedMs: number | undefined = clock.now()
    clockSteps = stepsBy(clockSteps, askedMs, deps.wall.now() - askedMs)
    try {
      await notes.settled()
      // What runs is looked at first: whatever changes while the rest is loaded is seen as unfinished, never as forgotten.
      const actual = active.actual()
      let desired = await load({ ...recording, clockSteps }, deps)
      if (desired === undefined || desired.recording.generation !== recording.generation) break
      askedMs = undefined
      pauseEnds.await(desired)
      const hearsSinceMs = deps.hearsSinceMs()
      if (awaySinceMs !== undefined && hearsSinceMs !== undefined) {
        notes.absence('away', awaySinceMs, hearsSinceMs + recording.clockAheadMs)
        awaySinceMs = undefined
      }
      if (failingSinceMs !== undefined) notes.absence('database', failingSinceMs, clock.now())
      failingSinceMs = undefined
      absences.note()
      if (started !== undefined && desired.recording.startedMs === null) await startRecording(desired.recording, started, desired.room.members, deps)
      if (aheadAfter(clockSteps) !== aheadAfter(desired.recording.clockSteps)) {
        await setClock(deps.kysely, recording, { clockSteps })
        desired = { ...desired, recording: { ...desired.recording, clockSteps } }
      }
      if (timeline.trouble !== desired.recording.message) await changeRecording(deps.kysely, recording.id, recording.generation, { message: timeline.trouble })
      active.speakers = new Set(desired.room.members.filter(({ audible }) => audible === true).map(({ userId }) => userId))
      let actions = plan(desired, actual, here, clock.now())
      const end = actions.find((action) => action.type === 'end')
      if (end !== undefined) {
        // What follows from it needs nothing that is not loaded.
        desired = { ...desired, recording: await endRecording(desired.recording, end.reason, deps) }
        actions = plan(desired, actual, here, clock.now())
      }
      for (const action of actions) {
        if (action.type === 'complete') {
          if (awaySinceMs !== undefined) notes.absence('away', awaySinceMs, clock.now())
          absences.note({ isLast: true })
          await notes.settled()
          const uploaded = await timeline.upload(desired.recording)
          const ended = uploaded && await complete(desired.recording, uploaded, owned, deps)
          if (ended !== undefined) {
            logEnd(log, desired.recording, ended)
            pauseEnds.stop()
            return
          }
        } else if (action.type !== 'end') {
          await perform(action, desired, { active, notes, here }, deps)
        }
      }
      await warnings.look(desired, notes.absences)
      const nowMs = clock.now()
      sleepMs = Math.min(longestSleepMs, ...dueMs(desired, active.actual(), here, nowMs).map((atMs) => atMs - nowMs).filter((ms) => ms > 0))
    } catch (error) {
      // Threads go on recording without the database; the plan is made again when it is back.
      // A database that hangs has been away since it was asked.
      failingSinceMs ??= askedMs ?? clock.now()
      log.warn({ err: error }, 'plan not carried out, trying again')
      sleepMs = pauseAfterErrorMs
    }
    await wakeup.next(sleepMs, { signal })
  }
  pauseEnds.stop()
  await active.leave()
  await segments.settled()
  await notes.settled().catch((err: unknown) => { log.warn({ err }, 'not noted') })
}

/** What this process is to a recording, by the recording's clock. */
function hereOf ({ createdMs, clockAheadMs }: RecordingRow, deps: OwnDeps): Here {
  const { awaySinceMs, pushes } = deps
  const listeningSinceMs = deps.listeningSinceMs + clockAheadMs
  return {
    ...deps,
    // Of a recording that was made before.
    awaySinceMs: awaySinceMs === undefined || createdMs >= listeningSinceMs ? undefined : Math.max(awaySinceMs + clockAheadMs, createdMs),
    listeningSinceMs,
    lastPushMs (port) {
      const lastMs = pushes.lastMs(port)
      return lastMs === undefined ? undefined : lastMs + clockAheadMs
    }
  }
}

async function load (owned: RecordingRow, { states, spools, clock, eventClock, resumeHoldMs }: OwnDeps): Promise<Desired | undefined> {
  const { id, sdkAppId, roomKey } = owned
  const state = await states.read({ id, sdkAppId, roomKey, pausesSinceMs: clock.now() - resumeHoldMs })
  if (state === undefined) return undefined
  const { recording, room, tracks, sources, pauses } = state
  const elsewhere = tracks.flatMap(({ closedMs, spoolId }) => closedMs === null && spoolId !== null && spoolId !== spools.id ? [spoolId] : [])
  const spool = { id: spools.id, lost: await spools.lostOf([...new Set(elsewhere)]) }
  const toldMs = eventClock.aheadMs
  const trtcAheadMs = aheadNow(owned.clockSteps, toldMs === undefined ? undefined : toldMs - owned.clockAheadMs)
  return {
    recording,
    room: roomIn(room, owned, trtcAheadMs),
    tracks,
    sources: sources.map((source) => sourceIn(source, owned)),
    pauses,
    spool
  }
}

async function perform (
  action: Exclude<Action, { type: 'end' | 'complete' }>, { recording, room, tracks, sources }: Desired,
  { active, notes, here }: { active: ActiveTracks, notes: TrackNotes, here: Here }, deps: OwnDeps
): Promise<void> {
  const { kysely, clock, gatewayClock } = deps
  switch (action.type) {
    case 'record': active.record(action.userId); break
    case 'resume': {
      const track = tracks.find(({ id }) => id === action.trackId)
      const own = action.sourceIds.flatMap((sourceId) => sources.find(({ id }) => id === sourceId) ?? [])
      if (track !== undefined) active.resume(track, own, here.awaySinceMs ?? clock.now())
      break
    }
    case 'reopen': active.reopen(action.trackId); break
    case 'connect': active.connect(action.trackId); break
    case 'pause': active.pause(action.trackId, action.paused); break
    case 'drain': active.drain(action.trackId, action.on); break
    case 'disconnect': active.disconnect(action.trackId, action.over); break
    case 'absent': notes.absent(action.sourceId, clock.now(), absentMessage(sources.find(({ id }) => id === action.sourceId)?.port)); break
    case 'doubt': {
      const member = room.members.find(({ userId }) => userId === action.userId)
      if (member !== undefined) await doubtMember(kysely, recording, member, gatewayClock.now())
      break
    }
    case 'close': active.close(action.trackId, tracks.find(({ id }) => id === action.trackId), recording.endedMs === null ? 'Replaced' : 'RecordingEnded'); break
    case 'lose': {
      const track = tracks.find(({ id }) => id === action.trackId)
      if (track !== undefined) await loseTrack(recording, track, deps)
      break
    }
    case 'abandon': active.abandon(action.sourceId); break
    default: action satisfies never
  }
}

/** Closes a track without its audio. One that is not known to have received any has lost nothing. */
async function loseTrack (recording: RecordingRow, track: TrackRow, deps: OwnDeps): Promise<void> {
  const { id, userId, spoolId, audioMs } = track
  const { spools, clock, log } = deps
  const lost = audioMs !== null
  const message = lost ? `the audio is in spool ${spoolId ?? ''}, which did not come back` : ''
  const isOurs = await closeAndTell({
    recording, track, reason: 'SpoolAway', files: [], noted: [], message, lost, nowMs: clock.now(), held: (db) => heldRecording(db, recording), isHeard: true
  }, deps)
  if (!isOurs || !lost) return
  log.error({ trackId: id, userId, spoolId }, 'track closed without its audio: its spool did not come back')
  spools.onLost({ recordingId: recording.id, trackId: id })
}

/** What a tenant reads of a source that was announced and did not come. */
function absentMessage (port: number | null | undefined): string {
  return `TRTC pushes, or the user speaks, and no push has come to RTMP port ${port ?? 'unknown'} for 15 s: can it be reached from outside, by RTMP_PUBLIC_HOST?`
}

/**
 * The end, its event and the end of our ownership: one transaction. The verdict is of what the timeline was made of, so that both tell the same.
 * @returns what became of it; undefined when somebody else owns it by now
 */
async function complete (
  recording: RecordingRow, { evidence, url }: UploadedTimeline, { secrets, job }: Owned, deps: OwnDeps
): Promise<Verdict | undefined> {
  const nowMs = deps.clock.now()
  const ended = verdict(evidence, nowMs)
  const change = { status: ended.status, message: ended.message, timelineFile: url, completedMs: nowMs }
  return deps.outbox.transaction(async (transaction, tell) => {
    if (!await changeRecording(transaction, recording.id, recording.generation, change)) return undefined
    const changed = { ...recording, ...change }
    tell({ tenantId: recording.tenantId, event: recordingUpdated({ recording: changed }, deps.wall.now()) })
    const event = recordingEnded({ recording: changed, verdict: ended, tracks: evidence.tracks, files: evidence.files }, deps.wall.now())
    tell({ tenantId: recording.tenantId, event, callback: callbackOf(recording, secrets) })
    await deps.boss.complete(queues.recording, job(), null, { db: inTransaction(transaction) })
    return ended
  })
}

function logEnd (log: Logger, { reason }: RecordingRow, { status, incomplete, warnings }: Verdict): void {
  const told = { reason, incomplete, warnings: warnings.map(({ Code }) => Code) }
  if (status === 'Failed') log.warn(told, 'recording failed')
  else if (incomplete) log.warn(told, 'recording complete')
  else log.info({ reason }, 'recording complete')
}
