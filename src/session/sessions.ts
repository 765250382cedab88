import type { Job, JobAttempt } from 'pg-boss'
import type { CapturePool } from '../tracks/pool.ts'
import { RoomtapeError } from '../core/errors.ts'
import type { Seal } from '../core/seal.ts'
import { EventJournal } from '../spool/event-journal.ts'
import { lockSpool } from '../spool/lock.ts'
import { keepJobs, queues, type RecordingJob } from '../state/queues.ts'
import { adoptClock } from '../rooms/recording-clock.ts'
import type { Connection } from '../state/database.ts'
import { findRecording, setClock, takeOver, unfinishedJobs, type RecordingRow } from '../state/recordings.ts'
import type { RoomRef } from '../state/rooms.ts'
import { openSecrets } from '../state/recording-secrets.ts'
import { takeEvent, type HeardEvent, type TakenEvent } from '../rooms/take-event.ts'
import { heldWork } from '../state/working-gateway.ts'
import { applyJournal } from './apply-journal.ts'
import { finishSpool, type FinishedSpool } from './finish-spool.ts'
import type { GatewayLease } from './gateway-lease.ts'
import { runSession, type Owned, type SessionDeps } from './session.ts'
import type { Spools } from './spools.ts'
import { Wakeup } from '../core/wakeup.ts'

export interface SessionsDeps extends SessionDeps {
  seal: Seal
  pool: SessionDeps['pool'] & Pick<CapturePool, 'leftovers'>
  spools: SessionDeps['spools'] & Pick<Spools, 'start' | 'close'>
  /** This node's name, the same after a restart. */
  nodeId: string
  /** This process, as the row of the working gateway has it. */
  processId: string
  lease: Pick<GatewayLease, 'confirmed'>
  /** When a gateway last worked before this one, by the database's clock of then; undefined: none did. */
  lastWorkedMs: number | undefined
}

interface Running {
  /** As it was taken over. */
  recording: RecordingRow
  job: JobAttempt
  wakeup: Wakeup
  done: Promise<void>
}

/** How often recordings of other nodes are looked for; our own requests wake the loop at once. */
const fetchEveryMs = 1_000
/** How often the heartbeat is kept: a third of the time after which a recording counts as abandoned. */
const touchEveryMs = 3_000
const batchSize = 50

/** The recordings this node owns: takes them over, keeps their heartbeat, gives them up. */
export class Sessions {
  readonly #deps: SessionsDeps
  readonly #running = new Map<string, Running>()
  /** The same by room, and within it by id. */
  readonly #rooms = new Map<string, Map<string, Running>>()
  readonly #stopping = new AbortController()
  readonly #bell = new Wakeup()
  #loop = Promise.resolve()
  #finishing = Promise.resolve()
  #touching: NodeJS.Timeout | undefined
  #isTouching = false

  constructor (deps: SessionsDeps) {
    this.#deps = deps
  }

  /** Takes at once whatever is not finished, whoever had it: there is one gateway at a time. Then whatever is new. */
  async start (): Promise<void> {
    const { boss, kysely } = this.#deps
    const jobs = await unfinishedJobs(kysely)
    if (jobs.length > 0) await boss.fail(queues.recording, jobs, { reason: 'gateway restarted' })
    await this.#takeSpool()
    this.#loop = this.#takeOverLoop()
    this.#touching = setInterval(() => { void this.#touch() }, touchEveryMs)
  }

  /** A recording was asked for: look for its job now. */
  requested (): void { this.#bell.wake() }

  /** Something about one recording changed: plan it again. */
  changed (recordingId: string): void { this.#running.get(recordingId)?.wakeup.wake() }

  /** An event is in the tables: wakes whom it concerns. One who is not woken finds it at the next look. */
  eventTaken ({ type, room, isNew, isStopDue, concerns }: TakenEvent): void {
    const { stops, log } = this.#deps
    log.debug({ ...room, eventType: type, isNew, concerns: concerns.who }, 'room event')
    if (isStopDue) stops.wake()
    if (!isNew || room === undefined) return
    switch (concerns.who) {
      case 'room': for (const { wakeup } of this.#inRoom(room)) wakeup.wake(); break
      case 'recorder': for (const { recording, wakeup } of this.#inRoom(room)) if (recording.userId === concerns.userId) wakeup.wake(); break
      case 'recording': this.changed(concerns.recordingId); break
      case 'nobody': break
      default: concerns satisfies never
    }
  }

  /** Something about many recordings may have changed: plan them all again. */
  wakeAll (): void {
    for (const { wakeup } of this.#running.values()) wakeup.wake()
  }

  /**
   * Applies the events and uploads the audio that lie in a spool of another gateway that is mounted here.
   * @param path its folder
   * @throws RoomtapeError NOT_FOUND for no spool, SPOOL_MOVED for a copy, DATA_DIR_IN_USE for our own, and what an upload fails with
   */
  async finishSpool (path: string): Promise<FinishedSpool & { spoolId: string, events: number }> {
    const { log } = this.#deps
    using spool = lockSpool(path)
    const events = await this.#applyJournal(path)
    const finished = await finishSpool({ id: spool.id, spoolDir: path }, this.#deps, { signal: this.#stopping.signal })
    log.info({ spoolId: spool.id, path, events, ...finished }, 'spool finished')
    for (const id of finished.recordingIds) this.changed(id)
    return { ...finished, spoolId: spool.id, events }
  }

  /** Takes nothing over any more and lets go of what is owned; the stored state says where the next owner goes on. */
  giveUp (): void {
    this.#stopping.abort()
    clearInterval(this.#touching)
  }

  /** Resolves when nothing runs any more and the jobs are free for another owner. */
  async close (): Promise<void> {
    this.giveUp()
    await Promise.all([this.#loop, this.#finishing])
    const running = [...this.#running.values()]
    await Promise.all(running.map(({ done }) => done))
    if (running.length > 0) await this.#deps.boss.fail(queues.recording, running.map(({ job }) => job), { reason: 'node stopped' })
  }

  #inRoom (room: RoomRef): Iterable<Running> {
    return this.#rooms.get(keyOf(room))?.values() ?? []
  }

  /** @returns how many events had not come before */
  async #applyJournal (path: string): Promise<number> {
    const { kysely, log } = this.#deps
    const journal = await EventJournal.open(path, { log })
    try {
      const deps = { take: (event: HeardEvent) => takeEvent(event, kysely), onTaken: (taken: TakenEvent) => { this.eventTaken(taken) }, log }
      return await applyJournal(journal, deps, { signal: this.#stopping.signal })
    } finally {
      await journal.close()
    }
  }

  /**
   * Claims the tracks that lie in our spool, removes files that were uploaded and noted when the process died just before it could, and goes on
   * with tracks that were closed while the spool was away.
   */
  async #takeSpool (): Promise<void> {
    const { pool, spools, log } = this.#deps
    await spools.start([...new Set((await pool.leftovers()).map(({ trackId }) => trackId))])
    this.#finishing = finishSpool({ id: spools.id }, this.#deps, { signal: this.#stopping.signal }).then(({ tracks, files }) => {
      if (tracks > 0) log.warn({ tracks, files }, 'tracks that were closed without their spool have their files again')
    }).catch((err: unknown) => {
      if (!this.#stopping.signal.aborted) log.error({ err }, 'tracks that were closed without their spool wait for the next start')
    })
  }

  async #takeOverLoop (): Promise<void> {
    const { boss, lease, log } = this.#deps
    const { signal } = this.#stopping
    while (!signal.aborted) {
      try {
        const jobs = lease.confirmed ? await boss.fetch<RecordingJob>(queues.recording, { batchSize }) : []
        await Promise.all(jobs.map((job) => this.#take(job)))
        if (jobs.length === batchSize) continue
      } catch (error) {
        log.warn({ err: error }, 'no recordings could be taken over')
      }
      await this.#bell.next(fetchEveryMs, { signal })
    }
  }

  async #take (job: Job<RecordingJob>): Promise<void> {
    try {
      await this.#run(job)
    } catch (error) {
      // Without a heartbeat the job comes back, here or elsewhere.
      this.#deps.log.error({ err: error, recordingId: job.data.recordingId }, 'recording not taken over')
    }
  }

  async #run ({ id, retryCount, data: { recordingId } }: Job<RecordingJob>): Promise<void> {
    const { boss, kysely, seal, nodeId, processId, log } = this.#deps
    const job = { id, retryCount }
    const known = this.#running.get(recordingId)
    if (known !== undefined) {
      const stored = await findRecording(kysely, recordingId)
      if (stored?.generation === known.recording.generation) {
        // Our heartbeat was late, or the job's day is over, and nobody else has had it in between.
        known.job = job
        return
      }
      known.wakeup.wake()
      await known.done
    }
    const taken = await kysely.transaction().execute(async (transaction) => {
      if (await heldWork(transaction, processId).executeTakeFirst() === undefined) throw new RoomtapeError('DATABASE_IN_USE', 'another gateway works on this database by now')
      const row = await takeOver(transaction, recordingId, nodeId)
      return row && this.#withClock(transaction, row)
    })
    if (taken === undefined) {
      await boss.complete(queues.recording, job)
      return
    }
    if (this.#stopping.signal.aborted) {
      await boss.fail(queues.recording, job, { reason: 'node stopped' })
      return
    }
    const { recording, hasNewClock } = taken
    const running: Running = { recording, job, wakeup: new Wakeup(), done: Promise.resolve() }
    const owned = { recording, hasNewClock, secrets: openSecrets(seal, recording), job: () => running.job }
    this.#add(running)
    running.done = runSession(owned, running.wakeup, this.#deps, { signal: AbortSignal.any([this.#stopping.signal]) })
      .catch((error: unknown) => { log.error({ err: error, recordingId }, 'session failed') })
      .finally(() => { if (!this.#stopping.signal.aborted) this.#remove(running) })
  }

  #add (running: Running): void {
    const { id } = running.recording
    this.#running.set(id, running)
    const key = keyOf(running.recording)
    const room = this.#rooms.get(key) ?? new Map<string, Running>()
    this.#rooms.set(key, room.set(id, running))
  }

  #remove ({ recording }: Running): void {
    this.#running.delete(recording.id)
    const key = keyOf(recording)
    const room = this.#rooms.get(key)
    room?.delete(recording.id)
    if (room?.size === 0) this.#rooms.delete(key)
  }

  /** Goes on with the recording's clock, or gives it another. */
  async #withClock (transaction: Connection, row: RecordingRow): Promise<Pick<Owned, 'recording' | 'hasNewClock'>> {
    const clock = adoptClock(row, this.#deps)
    const hasNewClock = clock.clockOffsetMs !== row.clockOffsetMs || clock.clockBootId !== row.clockBootId
    if (hasNewClock || clock.clockAheadMs !== row.clockAheadMs) await setClock(transaction, row, clock)
    return { recording: { ...row, ...clock }, hasNewClock }
  }

  /** Keeps the heartbeats. Whose claim lapsed looks whether another node has taken its recording. */
  async #touch (): Promise<void> {
    const { boss, log } = this.#deps
    const owned = [...this.#running]
    if (owned.length === 0 || this.#isTouching) return
    this.#isTouching = true
    try {
      const kept = await keepJobs(boss, queues.recording, owned.map(([, { job }]) => job))
      const stillOwned = owned.filter(([recordingId, running]) => this.#running.get(recordingId) === running)
      if (kept >= stillOwned.length) return
      log.warn('a heartbeat came too late')
      for (const [, { wakeup }] of owned) wakeup.wake()
    } catch (error) {
      log.warn({ err: error }, 'heartbeat not written')
    } finally {
      this.#isTouching = false
    }
  }
}

function keyOf ({ sdkAppId, roomKey }: RoomRef): string { return `${sdkAppId} ${roomKey}` }
