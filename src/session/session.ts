import type { Transaction } from 'kysely'
import type { JobAttempt, PgBoss } from 'pg-boss'
import type { Logger } from 'pino'
import { recordingEnded } from '../callback/events.ts'
import { inTransaction } from '../state/database.ts'
import { pausesSince } from '../state/pauses.ts'
import { queues } from '../state/queues.ts'
import { changeRecording, heldRecording, unfinishedRecording, type EndReason, type RecordingRow } from '../state/recordings.ts'
import { doubtMember, membersOf, roomRow } from '../state/rooms.ts'
import { sourcesOf } from '../state/sources.ts'
import type { Tables } from '../state/tables.ts'
import { closeTrack, tracksOf, type TrackRow } from '../state/tracks.ts'
import { together } from '../state/together.ts'
import { verdict, type Verdict } from '../timeline/verdict.ts'
import { ActiveTracks, type ActiveTracksDeps } from './active-tracks.ts'
import type { PortPushes } from './port-pushes.ts'
import { SegmentLedger, type SegmentLedgerDeps } from './segment-ledger.ts'
import { SharedAbsences, type SharedAbsencesDeps } from './shared-absences.ts'
import { dueMs, plan, type Action, type Desired, type Here } from './plan.ts'
import type { RecordingSecrets } from '../state/recording-secrets.ts'
import type { Spools } from './spools.ts'
import { TrackNotes } from './track-notes.ts'
import { TimelineUpload, type TimelineUploadDeps, type UploadedTimeline } from './upload-timeline.ts'
import type { Wakeup } from './wakeup.ts'

export interface SessionDeps extends ActiveTracksDeps, SegmentLedgerDeps, TimelineUploadDeps, SharedAbsencesDeps {
  boss: PgBoss
  pool: ActiveTracksDeps['pool'] & SegmentLedgerDeps['pool'] & TimelineUploadDeps['pool']
  spools: ActiveTracksDeps['spools'] & Pick<Spools, 'lostOf'>
  pushes: PortPushes
  /** When the process before this one last worked, Unix milliseconds; undefined: there was none. */
  awaySinceMs: number | undefined
  /** When this process began to listen for pushes, Unix milliseconds. */
  listeningSinceMs: number
  /** When it began to listen for events; undefined: it does not yet. */
  hearsSinceMs: () => number | undefined
  /** How long TRTC keeps a relay task whose anchor is gone. */
  maxIdleMs: number
  /** How long after the end of a pause what arrives was said during it. */
  resumeHoldMs: number
}

/** A recording this node owns. */
export interface Owned {
  /** The row as it was taken over: its generation is the fencing token that tells our writes from those of a former owner. */
  recording: RecordingRow
  secrets: RecordingSecrets
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
export async function runSession (owned: Owned, wakeup: Wakeup, deps: SessionDeps, { signal }: { signal: AbortSignal }): Promise<void> {
  const { recording, secrets } = owned
  const wake = (): void => { wakeup.wake() }
  const onLive = (atMs: number): void => { started ??= atMs; wake() }
  let started: number | undefined
  const log = deps.log.child({ recordingId: recording.id, generation: recording.generation })
  const segments = new SegmentLedger({ recording, target: secrets.store, callback: secrets.callback }, { ...deps, log }, { signal })
  const notes = new TrackNotes(recording, { ...deps, log })
  const shared = new SharedAbsences(notes, recording, deps)
  const active = new ActiveTracks({ recording, target: secrets.store, segments, notes, wake, onLive }, { ...deps, log }, { signal })
  const timeline = new TimelineUpload(secrets.store, { ...deps, log }, { signal })
  const here: Here = { ...deps, awaySinceMs: awaySinceOf(recording, deps), lastPushMs: (port) => deps.pushes.lastMs(port) }
  let failingSinceMs: number | undefined

  log.info({ sdkAppId: recording.sdkAppId, roomKey: recording.roomKey }, 'recording taken over')
  let awaySinceMs = here.awaySinceMs
  while (!signal.aborted) {
    let sleepMs = longestSleepMs
    let askedMs: number | undefined = deps.clock.now()
    try {
      await notes.settled()
      // What runs is looked at first: whatever changes while the rest is loaded is seen as unfinished, never as forgotten.
      const actual = active.actual()
      let desired = await load(recording, deps)
      if (desired === undefined || desired.recording.generation !== recording.generation) break
      askedMs = undefined
      const hearsSinceMs = deps.hearsSinceMs()
      if (awaySinceMs !== undefined && hearsSinceMs !== undefined) {
        notes.absence('away', awaySinceMs, hearsSinceMs)
        awaySinceMs = undefined
      }
      if (failingSinceMs !== undefined) notes.absence('database', failingSinceMs, deps.clock.now())
      failingSinceMs = undefined
      shared.note()
      if (started !== undefined && desired.recording.startedMs === null) {
        const status = desired.recording.reason === null ? { status: 'Recording' as const } : {}
        await changeRecording(deps.kysely, recording.id, recording.generation, { ...status, startedMs: started })
      }
      if (timeline.trouble !== desired.recording.message) await changeRecording(deps.kysely, recording.id, recording.generation, { message: timeline.trouble })
      active.speakers = new Set(desired.room.members.filter(({ audible }) => audible === true).map(({ userId }) => userId))
      let actions = plan(desired, actual, here, deps.clock.now())
      const end = actions.find((action) => action.type === 'end')
      if (end !== undefined) {
        // What follows from it needs nothing that is not loaded.
        desired = { ...desired, recording: await endRecording(desired.recording, end.reason, deps) }
        actions = plan(desired, actual, here, deps.clock.now())
      }
      for (const action of actions) {
        if (action.type === 'complete') {
          if (awaySinceMs !== undefined) notes.absence('away', awaySinceMs, deps.clock.now())
          shared.note({ isLast: true })
          await notes.settled()
          const uploaded = await timeline.upload(desired.recording)
          const ended = uploaded && await complete(desired.recording, uploaded, owned, deps)
          if (ended !== undefined) {
            logEnd(log, desired.recording, ended)
            return
          }
        } else if (action.type !== 'end') {
          await perform(action, desired, { active, notes, here }, deps)
        }
      }
      const nowMs = deps.clock.now()
      sleepMs = Math.min(longestSleepMs, ...dueMs(desired, active.actual(), here, nowMs).map((atMs) => atMs - nowMs).filter((ms) => ms > 0))
    } catch (error) {
      // Threads go on recording without the database; the plan is made again when it is back.
      // A database that hangs has been away since it was asked.
      failingSinceMs ??= askedMs ?? deps.clock.now()
      log.warn({ err: error }, 'plan not carried out, trying again')
      sleepMs = pauseAfterErrorMs
    }
    await wakeup.next(sleepMs, { signal })
  }
  await active.leave()
  await segments.settled()
  await notes.settled().catch((err: unknown) => { log.warn({ err }, 'not noted') })
}

/** Notes why a recording ends, and that it is finished from now on. @returns it as it is then */
async function endRecording (recording: RecordingRow, reason: EndReason, { kysely, clock }: SessionDeps): Promise<RecordingRow> {
  const ending = { reason, endedMs: clock.now(), status: 'Finishing' } as const
  await changeRecording(kysely, recording.id, recording.generation, ending)
  return { ...recording, ...ending }
}

/** When nobody was here last, of a recording that was made before. */
function awaySinceOf ({ createdMs }: RecordingRow, { awaySinceMs, listeningSinceMs }: SessionDeps): number | undefined {
  return awaySinceMs === undefined || createdMs >= listeningSinceMs ? undefined : Math.max(awaySinceMs, createdMs)
}

async function load (owned: RecordingRow, { kysely, spools, clock, resumeHoldMs }: SessionDeps): Promise<Desired | undefined> {
  const { id } = owned
  const { recordings: [recording], rooms: [room], members, tracks, sources, pauses } = await together(kysely, {
    recordings: unfinishedRecording(kysely, id),
    rooms: roomRow(kysely, owned),
    members: membersOf(kysely, owned),
    tracks: tracksOf(kysely, id),
    sources: sourcesOf(kysely, id),
    pauses: pausesSince(kysely, id, clock.now() - resumeHoldMs)
  })
  if (recording === undefined) return undefined
  const elsewhere = tracks.flatMap(({ closedMs, spoolId }) => closedMs === null && spoolId !== null && spoolId !== spools.id ? [spoolId] : [])
  const spool = { id: spools.id, lost: await spools.lostOf([...new Set(elsewhere)]) }
  return { recording, room: { dismissedMs: room?.dismissedMs ?? 0, members }, tracks, sources, pauses, spool }
}

async function perform (
  action: Exclude<Action, { type: 'end' | 'complete' }>, { recording, room, tracks, sources }: Desired,
  { active, notes, here }: { active: ActiveTracks, notes: TrackNotes, here: Here }, deps: SessionDeps
): Promise<void> {
  const { kysely, clock } = deps
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
      if (member !== undefined) await doubtMember(kysely, recording, member, clock.now())
      break
    }
    case 'close': active.close(action.trackId, tracks.find(({ id }) => id === action.trackId)); break
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
async function loseTrack (recording: RecordingRow, { id, userId, spoolId, audioMs }: TrackRow, { kysely, spools, clock, log }: SessionDeps): Promise<void> {
  const lost = audioMs !== null
  const message = lost ? `the audio is in spool ${spoolId ?? ''}, which did not come back` : ''
  const isOurs = await closeTrack(kysely, id, { files: [], message, lost, nowMs: clock.now(), held: heldRecording(kysely, recording) })
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
  recording: RecordingRow, { evidence, url }: UploadedTimeline, { secrets, job }: Owned, deps: SessionDeps
): Promise<Verdict | undefined> {
  const nowMs = deps.clock.now()
  const ended = verdict(evidence, nowMs)
  const change = { status: ended.status, message: ended.message, timelineFile: url, completedMs: nowMs }
  return deps.kysely.transaction().execute(async (transaction: Transaction<Tables>) => {
    if (!await changeRecording(transaction, recording.id, recording.generation, change)) return undefined
    const event = recordingEnded({ recording: { ...recording, ...change }, verdict: ended, tracks: evidence.tracks, files: evidence.files }, nowMs)
    await deps.publish(transaction, { tenantId: recording.tenantId, event, url: secrets.callback })
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
