import type { Logger } from 'pino'
import type { TrackEnd } from '../callback/events/track-changed.ts'
import type { CapturePool } from '../tracks/pool.ts'
import type { Clock } from '../core/clock.ts'
import { RoomtapeError } from '../core/errors.ts'
import type { StoreTarget } from '../core/store-target.ts'
import type { Connection } from '../state/database.ts'
import { anyEndpoint } from '../state/endpoints.ts'
import { outputOf } from '../state/recording-options.ts'
import { heldRecording, type RecordingRow } from '../state/recordings.ts'
import { fileKeysOf, notedFiles, trackById, type FileRow, type Held, type TrackRow } from '../state/tracks.ts'
import { together } from '../state/together.ts'
import { trackFolder } from '../upload/object-key.ts'
import { closeAndTell, type CloseTrackDeps } from './close-track.ts'
import { placeOf } from './recording-place.ts'
import type { Spools } from './spools.ts'
import type { SegmentLedger } from './segment-ledger.ts'

export interface UploadTrackDeps extends CloseTrackDeps {
  pool: Pick<CapturePool, 'upload' | 'discard'>
  spools: Pick<Spools, 'onLost'>
  /** The recording's. */
  clock: Clock
  log: Logger
}

export interface UploadTrackOrder {
  recording: RecordingRow
  row: TrackRow
  /** Why it is over. */
  reason: TrackEnd
  target: StoreTarget
  segments: SegmentLedger
  /** Folder of the spool, if it is not the one this gateway records into. */
  spoolDir?: string | undefined
  /** Asks whether we may note what was uploaded; by the generation of the recording unless given. */
  held?: (db: Connection) => Held
  /** How often uploading this track has failed by our own fault. */
  ownFailures: number
}

/** How often an upload may fail by our own fault before a file is left in the spool: some four minutes. */
const maxOwnFailures = 8
/** The first audio is noted as the file has it, but for a clock that was set. */
const firstAudioToleranceMs = 1_000
const lostMessage = 'audio was received, and the spool of the gateway has it no more'

/**
 * Uploads the files of a track that nobody writes any more, and before them the segments that were not sent while it was written; notes them,
 * and lets the spool go. Safe to repeat.
 * A file that can never be uploaded is noted on the track and stays in the spool.
 * @throws what a later try may heal
 */
export async function uploadTrack (order: UploadTrackOrder, deps: UploadTrackDeps, { signal }: { signal: AbortSignal }): Promise<{ files: FileRow[] }> {
  const { kysely, pool, clock, log } = deps
  const { recording, recording: { id: recordingId }, row, row: { id: trackId, userId }, reason } = order
  const unsent = await uploadSegments(order, deps, signal)
  const uploaded = await uploadFiles(order, deps, signal)
  const { files } = uploaded
  const { noted, tracks: [track], endpoints } = await together(kysely, {
    noted: notedFiles(kysely, trackId), tracks: trackById(kysely, trackId), endpoints: anyEndpoint(kysely, recording.tenantId)
  })
  const lost = uploaded.message === '' && lacksAudio([...noted, ...files], track?.audioMs ?? null)
  if (lost) log.error({ trackId, userId }, 'the spool lacks the audio that a track has received')
  const message = uploaded.message || (lost ? lostMessage : unsent)
  const { held = (db: Connection) => heldRecording(db, recording) } = order
  const closing = { recording, track: row, reason, files, noted, message, lost, nowMs: clock.now(), held, isHeard: endpoints.length > 0 }
  const isOurs = await closeAndTell(closing, deps)
  if (!isOurs) throw new RoomtapeError('UNAVAILABLE', `recording ${recordingId} has another owner by now`)
  if (lost) deps.spools.onLost({ recordingId, trackId })
  for (const { key, bytes, durationMs, partial } of files) log.info({ trackId, userId, key, bytes, durationMs, partial }, 'file stored')
  if (uploaded.message === '' && (message === '' || lost)) {
    await pool.discard({ recordingId, trackId, fileNumbers: files.map(({ part }) => part), ...whereOf(order) })
      .catch((err: unknown) => { log.warn({ err, trackId }, 'local files not removed, the next start does it') })
  }
  return { files }
}

/**
 * Whether files are missing: numbers of a track have no holes, and the first file begins with the first audio that was on the disk.
 * @param audioMs the room's time of that audio; null: none is known
 */
function lacksAudio (files: ReadonlyArray<Pick<FileRow, 'part' | 'startMs'>>, audioMs: number | null): boolean {
  const first = files.find(({ part }) => part === 1)
  const isWhole = files.every(({ part }) => part === 1 || files.some((other) => other.part === part - 1))
  if (first === undefined) return audioMs !== null || files.length > 0
  return !isWhole || (audioMs !== null && first.startMs > audioMs + firstAudioToleranceMs)
}

/** @returns why some can never be uploaded; '' when all are */
async function uploadSegments ({ row, segments, ownFailures }: UploadTrackOrder, { log }: UploadTrackDeps, signal: AbortSignal): Promise<string> {
  await segments.settled()
  try {
    while (await segments.uploadNext(row)) signal.throwIfAborted()
    return ''
  } catch (error) {
    if (signal.aborted || !(error instanceof RoomtapeError) || !isFinal(error, ownFailures)) throw error
    log.error({ err: error, trackId: row.id }, 'segments not stored, they stay in the spool')
    return toldOf(error)
  }
}

async function uploadFiles (
  order: UploadTrackOrder, { kysely, pool, log }: UploadTrackDeps, signal: AbortSignal
): Promise<{ files: FileRow[], message: string }> {
  const { recording, row, target, ownFailures } = order
  const { id: recordingId } = recording
  const { id: trackId, userId, number } = row
  const folder = trackFolder({ ...placeOf(recording, target), userId, number })
  const notedKeys = await fileKeysOf(kysely, recordingId)
  try {
    const uploaded = await pool.upload({ recordingId, trackId, target, ...folder, notedKeys, format: outputOf(recording.options).format, ...whereOf(order) })
    return { files: uploaded.map(({ fileNumber, ...file }) => ({ trackId, part: fileNumber, ...file })), message: '' }
  } catch (error) {
    if (signal.aborted || !isFinal(error, ownFailures)) throw error
    log.error({ err: error, trackId }, 'file not stored, it stays in the spool')
    return { files: [], message: toldOf(error) }
  }
}

function whereOf ({ spoolDir }: UploadTrackOrder): { spoolDir?: string } {
  return spoolDir === undefined ? {} : { spoolDir }
}

function toldOf (error: unknown): string {
  return error instanceof RoomtapeError && error.fault === 'caller' ? error.message : 'the file could not be read or written by the gateway'
}

/** Whether trying again is of no use: the bucket refused, or the gateway itself failed too often. A bucket that is away is waited for. */
export function isFinal (error: unknown, ownFailures: number): boolean {
  return isOwn(error) ? ownFailures >= maxOwnFailures : error instanceof RoomtapeError && error.fault === 'caller'
}

/** Whether it failed by no fault of TRTC, the bucket or the tenant. */
export function isOwn (error: unknown): boolean {
  return !(error instanceof RoomtapeError) || error.fault === 'self'
}
