import type { Transaction } from 'kysely'
import type { JobAttempt, PgBoss } from 'pg-boss'
import { recordingEnded } from '../callback/events.ts'
import { inTransaction } from '../state/database.ts'
import { openPauses } from '../state/pauses.ts'
import { queues } from '../state/queues.ts'
import { changeRecording, findRecording, type RecordingRow } from '../state/recordings.ts'
import { loadRoom } from '../state/rooms.ts'
import { openSources } from '../state/sources.ts'
import type { Tables } from '../state/tables.ts'
import { closeTrack, filesOf, tracksOf, type TrackRow } from '../state/tracks.ts'
import { ActiveTracks, type ActiveTracksDeps } from './active-tracks.ts'
import { SegmentLedger, type SegmentLedgerDeps } from './segment-ledger.ts'
import { latestEndMs, plan, type Action, type Desired } from './plan.ts'
import type { RecordingSecrets } from '../state/recording-secrets.ts'
import type { Spools } from './spools.ts'
import { TimelineUpload, type TimelineUploadDeps } from './upload-timeline.ts'
import type { Wakeup } from './wakeup.ts'

export interface SessionDeps extends ActiveTracksDeps, SegmentLedgerDeps, TimelineUploadDeps {
  boss: PgBoss
  pool: ActiveTracksDeps['pool'] & SegmentLedgerDeps['pool'] & TimelineUploadDeps['pool']
  spools: ActiveTracksDeps['spools'] & Pick<Spools, 'lostOf'>
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
  const active = new ActiveTracks({ recording, target: secrets.store, segments, wake, onLive }, { ...deps, log }, { signal })
  const timeline = new TimelineUpload({ target: secrets.store, wake }, { ...deps, log }, { signal })

  log.info({ sdkAppId: recording.sdkAppId, roomKey: recording.roomKey }, 'recording taken over')
  while (!signal.aborted) {
    let sleepMs = longestSleepMs
    try {
      // What runs is looked at first: whatever changes while the rest is loaded is seen as unfinished, never as forgotten.
      const actual = active.actual()
      const desired = await load(recording.id, deps)
      if (desired === undefined || desired.recording.generation !== recording.generation) break
      if (started !== undefined && desired.recording.startedMs === null) {
        const status = desired.recording.reason === null ? { status: 'Recording' as const } : {}
        await changeRecording(deps.kysely, recording.id, recording.generation, { ...status, startedMs: started })
      }

      const message = active.trouble || timeline.trouble
      if (message !== desired.recording.message) await changeRecording(deps.kysely, recording.id, recording.generation, { message })
      for (const action of plan(desired, actual, deps.clock.now())) {
        if (action.type === 'complete') {
          if (await complete(desired, owned, active.trouble, deps)) {
            log.info({ reason: desired.recording.reason }, 'recording complete')
            return
          }
        } else if (action.type === 'timeline') {
          timeline.upload(desired.recording)
        } else {
          await perform(action, desired, active, deps)
          if (action.type === 'end') wake() // what follows from it is in the next plan
        }
      }
      const dueMs = [latestEndMs(desired), ...active.actual().map(({ retryAtMs }) => retryAtMs)]
      sleepMs = Math.min(longestSleepMs, ...dueMs.map((atMs) => atMs - deps.clock.now()).filter((ms) => ms > 0))
    } catch (error) {
      // Threads go on recording without the database; the plan is made again when it is back.
      log.warn({ err: error }, 'plan not carried out, trying again')
      sleepMs = pauseAfterErrorMs
    }
    await wakeup.next(sleepMs, { signal })
  }
  await Promise.all([active.leave(), timeline.leave()])
  await segments.settled()
}

async function load (id: string, { kysely, spools }: SessionDeps): Promise<Desired | undefined> {
  const recording = await findRecording(kysely, id)
  if (recording === undefined || recording.completedMs !== null) return undefined
  const [room, tracks, sources, pauses] = await Promise.all([
    loadRoom(kysely, recording), tracksOf(kysely, id), openSources(kysely, id), openPauses(kysely, [id])
  ])
  const elsewhere = tracks.flatMap(({ closedMs, spoolId }) => closedMs === null && spoolId !== null && spoolId !== spools.id ? [spoolId] : [])
  return { recording, room, tracks, sources, pauses, spool: { id: spools.id, lost: await spools.lostOf([...new Set(elsewhere)]) } }
}

async function perform (action: Exclude<Action, { type: 'timeline' | 'complete' }>, { recording, tracks }: Desired, active: ActiveTracks, deps: SessionDeps): Promise<void> {
  switch (action.type) {
    case 'end':
      await changeRecording(deps.kysely, recording.id, recording.generation, { reason: action.reason, endedMs: deps.clock.now(), status: 'Finishing' })
      break
    case 'record': active.record(action.userId); break
    case 'connect': active.connect(action.trackId); break
    case 'pause': active.pause(action.trackId, action.paused); break
    case 'disconnect': active.disconnect(action.trackId, action); break
    case 'close': active.close(action.trackId, tracks.find(({ id }) => id === action.trackId)); break
    case 'lose': {
      const track = tracks.find(({ id }) => id === action.trackId)
      if (track !== undefined) await loseTrack(track, deps)
      break
    }
    case 'abandon': active.abandon(action.sourceId); break
    default: action satisfies never
  }
}

/** Closes a track without its audio. One that is not known to have received any has lost nothing. */
async function loseTrack ({ id, recordingId, userId, spoolId, audioMs }: TrackRow, { kysely, spools, clock, log }: SessionDeps): Promise<void> {
  const lost = audioMs !== null
  await closeTrack(kysely, id, { files: [], message: lost ? `the audio is in spool ${spoolId ?? ''}, which did not come back` : '', lost, nowMs: clock.now() })
  if (!lost) return
  log.error({ trackId: id, userId, spoolId }, 'track closed without its audio: its spool did not come back')
  spools.onLost({ recordingId, trackId: id })
}

/** The end, its callback and the end of our ownership: one transaction. @returns false when somebody else owns it by now */
async function complete ({ recording, tracks }: Desired, { secrets, job }: Owned, trouble: string, deps: SessionDeps): Promise<boolean> {
  const nowMs = deps.clock.now()
  return deps.kysely.transaction().execute(async (transaction: Transaction<Tables>) => {
    const files = await filesOf(transaction, recording.id)
    const message = files.length > 0 ? '' : tracks.find((track) => track.message !== '')?.message ?? trouble
    const status = message === '' ? 'Completed' : 'Failed'
    if (!await changeRecording(transaction, recording.id, recording.generation, { status, message, completedMs: nowMs })) return false
    if (secrets.callback !== undefined) {
      const event = recordingEnded({ recording: { ...recording, status, message }, tracks, files }, nowMs)
      await deps.outbox.add(transaction, event, { tenantId: recording.tenantId, url: secrets.callback })
    }
    await deps.boss.complete(queues.recording, job(), null, { db: inTransaction(transaction) })
    return true
  })
}
