import type { Logger } from 'pino'
import type { GatewayClock } from '../core/clock.ts'
import { clockOf } from '../rooms/recording-clock.ts'
import type { Connection } from '../state/database.ts'
import { findRecording, type RecordingRow } from '../state/recordings.ts'
import { openSecrets } from '../state/recording-secrets.ts'
import { trackById, uploadedFiles, type TrackRow } from '../state/tracks.ts'
import { heldWork } from '../state/working-gateway.ts'
import type { Seal } from '../core/seal.ts'
import type { CapturePool } from '../tracks/pool.ts'
import { callbackOf } from './recording-callback.ts'
import { SegmentLedger, type SegmentLedgerDeps } from './segment-ledger.ts'
import { uploadTrack, type UploadTrackDeps } from './upload-track.ts'

export interface FinishSpoolDeps extends Omit<UploadTrackDeps, 'clock'>, SegmentLedgerDeps {
  gatewayClock: GatewayClock
  seal: Seal
  log: Logger
  /** This process, as the row of the working gateway has it. */
  processId: string
  pool: UploadTrackDeps['pool'] & SegmentLedgerDeps['pool'] & Pick<CapturePool, 'leftovers'>
}

export interface FinishedSpool {
  /** Tracks whose files are uploaded and noted now. */
  tracks: number
  files: number
  /** Tracks that stay in the spool: they are of no recording that is still known, or of another spool. */
  left: number
  recordingIds: string[]
}

/**
 * Uploads and notes what lies in a spool that came back: the tracks that are not closed, and those that were closed without it. What had been
 * noted already is only removed. A recording that has ended gets its files; its callback and timeline.json stay as they were told.
 * @param spool its id, and its folder if it is not the one this gateway records into
 * @throws what an upload fails with; safe to repeat
 */
export async function finishSpool (
  { id, spoolDir }: { id: string, spoolDir?: string }, deps: FinishSpoolDeps, { signal }: { signal: AbortSignal }
): Promise<FinishedSpool> {
  const { kysely, pool } = deps
  const result: FinishedSpool = { tracks: 0, files: 0, left: 0, recordingIds: [] }
  const trackIds = [...new Set((await pool.leftovers(spoolDir)).map(({ trackId }) => trackId))]
  for (const { recordingId, trackId, fileNumbers } of await uploadedFiles(kysely, trackIds)) {
    await pool.discard({ recordingId, trackId, fileNumbers, ...spoolDir !== undefined && { spoolDir } })
  }
  for (const trackId of trackIds) {
    const row = await trackById(kysely, trackId).executeTakeFirst()
    const recording = row && await findRecording(kysely, row.recordingId)
    if (row === undefined || recording === undefined || row.spoolId !== id) result.left++
    else if (isWaitedFor(row, spoolDir)) {
      const { files } = await finishTrack(recording, row, spoolDir, deps, signal)
      result.tracks++
      result.files += files.length
      if (!result.recordingIds.includes(recording.id)) result.recordingIds.push(recording.id)
    }
  }
  return result
}

/** Tracks of our own spool that are not closed are their sessions' business. */
function isWaitedFor ({ closedMs, lostMs }: TrackRow, spoolDir: string | undefined): boolean {
  return lostMs !== null || (closedMs === null && spoolDir !== undefined)
}

async function finishTrack (recording: RecordingRow, row: TrackRow, spoolDir: string | undefined, deps: FinishSpoolDeps, signal: AbortSignal) {
  const secrets = openSecrets(deps.seal, recording)
  // Whoever was told of the end of a recording is told of no segment after it.
  const callback = recording.completedMs === null ? callbackOf(recording, secrets) : undefined
  // Of a recording that has ended nobody is the owner; whoever works on the database may note what came back.
  const held = (db: Connection) => heldWork(db, deps.processId)
  const segments = new SegmentLedger({ recording, target: secrets.store, callback, spoolDir, held }, deps, { signal })
  const order = { recording, row, reason: 'SpoolAway' as const, target: secrets.store, segments, spoolDir, held, ownFailures: 0 }
  return uploadTrack(order, { ...deps, clock: clockOf(recording, deps.gatewayClock) }, { signal })
}
