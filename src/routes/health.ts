import { access, constants, statfs } from 'node:fs/promises'
import type { FastifyInstance } from 'fastify'
import type { ClockWatch } from '../session/clock-watch.ts'
import type { EventIntake } from '../session/event-intake.ts'
import type { GatewayLease } from '../session/gateway-lease.ts'
import type { Spools } from '../session/spools.ts'
import type { CapturePool } from '../tracks/pool.ts'
import type { DatabaseWatch } from '../state/database-watch.ts'

export interface HealthOptions {
  database: Pick<DatabaseWatch, 'look'>
  intake: Pick<EventIntake, 'state'>
  /** Whether the process is shutting down. */
  isDraining: () => boolean
  lease: Pick<GatewayLease, 'confirmed'>
  clockWatch: Pick<ClockWatch, 'differenceMs' | 'isOff'>
  /** Folder of the spool. */
  spoolDir: string
  pool: Pick<CapturePool, 'alive'>
  spools: Pick<Spools, 'missing' | 'lost'>
}

/** Least free space of a spool that is ready: a thousand tracks write this much in ten seconds. */
const leastFreeBytes = 100_000_000

/** `/livez`: the process is not stuck. `/readyz`: send traffic here. Neither asks who calls, neither tells a secret. */
export async function healthRoutes (
  app: FastifyInstance, { database, intake, isDraining, lease, clockWatch, spoolDir, pool, spools }: HealthOptions
): Promise<void> {
  app.get('/livez', { schema: { summary: 'Whether the process is alive', security: [] } }, async () => ({ Status: 'ok' }))

  app.get('/readyz', { schema: { summary: 'Whether to send traffic here', security: [] } }, async (request, reply) => {
    const warn = (err: unknown): void => { request.log.warn({ err }, 'not ready') }
    const checks = {
      Database: databaseState(await database.look(), intake.state),
      Process: isDraining() ? 'draining' : lease.confirmed ? 'ok' : 'unconfirmed',
      CaptureThreads: pool.alive() ? 'ok' : 'down',
      Spool: await spoolState(spoolDir, warn)
    }
    // What TRTC tells is kept for the database, and recordings go on.
    const isJournaling = checks.Database === 'journaling'
    const ready = Object.values(checks).every((state) => state === 'ok' || (isJournaling && (state === 'journaling' || state === 'unconfirmed')))
    reply.code(ready ? 200 : 503)
    // Traffic can go on without them; somebody has to know, and to bring them back.
    const MissingSpools = spools.missing.map(({ id, host, path }) => ({ SpoolId: id, Host: host, Path: path }))
    const LostTracks = spools.lost.map(({ recordingId, trackId }) => ({ RecordingId: recordingId, TrackId: trackId }))
    const Clock = { State: clockWatch.isOff ? 'off' : 'ok', DifferenceMs: clockWatch.differenceMs ?? null }
    return { Status: ready ? 'ok' : 'unavailable', Checks: checks, Clock, MissingSpools, LostTracks }
  })
}

/** `journaling`: it cannot have the room's events, and the event journal can; `unreachable`: neither can. */
function databaseState (answers: boolean, intake: EventIntake['state']): 'ok' | 'journaling' | 'unreachable' {
  if (intake === 'deaf') return 'unreachable'
  return answers ? intake : 'journaling'
}

async function spoolState (spoolDir: string, onError: (error: unknown) => void): Promise<'ok' | 'full' | 'unwritable' | 'unreachable'> {
  try {
    const { bavail, bsize } = await statfs(spoolDir)
    if (bavail * bsize < leastFreeBytes) return 'full'
  } catch (error) {
    onError(error)
    return 'unreachable'
  }
  try {
    await access(spoolDir, constants.W_OK)
    return 'ok'
  } catch (error) {
    onError(error)
    return 'unwritable'
  }
}
