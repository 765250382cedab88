import { trackStarted, trackStopped, type TrackEnd } from '../callback/events/track-changed.ts'
import type { Outbox, Tell } from '../callback/outbox.ts'
import type { Clock } from '../core/clock.ts'
import type { Connection } from '../state/database.ts'
import type { RecordingRow } from '../state/recordings.ts'
import { closeTrack, type FileRow, type Held, type TrackRow } from '../state/tracks.ts'

export interface CloseTrackDeps {
  kysely: Connection
  outbox: Pick<Outbox, 'transaction'>
  /** The wall clock, by which events are dated. */
  wall: Clock
}

export interface TrackClosing {
  recording: RecordingRow
  track: Pick<TrackRow, 'id' | 'userId' | 'number' | 'label'>
  reason: TrackEnd
  /** Uploaded now. */
  files: FileRow[]
  /** Noted before. */
  noted: readonly FileRow[]
  /** Why audio of it is in no file, or ''. */
  message: string
  /** It had received audio that is not there. */
  lost: boolean
  /** By the recording's clock. */
  nowMs: number
  held: (db: Connection) => Held
  /** Whether the tenant has endpoints: to tell takes a transaction, and many tracks end at once. */
  isHeard: boolean
}

/** Closes a track and tells of that: once, and once more when a spool brings what was missing. @returns false when `held` says that we may not */
export async function closeAndTell (closing: TrackClosing, deps: CloseTrackDeps): Promise<boolean> {
  if (!closing.isHeard) return close(closing, deps, deps.kysely, () => undefined)
  return deps.outbox.transaction((transaction, tell) => close(closing, deps, transaction, tell))
}

async function close (closing: TrackClosing, { wall }: CloseTrackDeps, db: Connection, tell: Tell): Promise<boolean> {
  const { recording, track, reason, noted, message, lost, nowMs, held } = closing
  const files = [...noted.filter(({ part }) => closing.files.every((file) => file.part !== part)), ...closing.files].sort((a, b) => a.part - b.part)
  const firstMs = files[0]?.startMs ?? null
  const before = await closeTrack(db, track.id, { files: closing.files, message, lost, audioMs: firstMs, nowMs, held: held(db) })
  if (before === undefined) return false

  const { tenantId } = recording
  const isNews = before.closedMs === null || (before.lostMs !== null && !lost)
  const startMs = before.audioMs ?? firstMs
  // Of a track that never had audio nobody was told that it began.
  if (!isNews || (startMs === null && message === '')) return true
  if (before.audioMs === null && firstMs !== null) tell({ tenantId, event: trackStarted({ recording, track, startMs: firstMs }, wall.now()) })
  tell({ tenantId, event: trackStopped({ recording, track, startMs: startMs ?? 0, reason, message, files }, wall.now()) })
  return true
}
