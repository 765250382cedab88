import { randomUUID } from 'node:crypto'
import type { PgBoss } from 'pg-boss'
import type { CapturePool } from '../tracks/pool.ts'
import type { Clock } from '../core/clock.ts'
import { RoomtapeError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import type { Seal } from '../core/seal.ts'
import { findApp } from '../state/apps.ts'
import { inTransaction, type Connection } from '../state/database.ts'
import { queues, type RecordingJob } from '../state/queues.ts'
import type { RecordingOptions } from '../state/recording-options.ts'
import { findRunning, insertRecording, type RecordingRow } from '../state/recordings.ts'
import { roomKey, type RoomId } from '../trtc/room-id.ts'
import { checkUserSig } from '../trtc/user-sig.ts'
import { sealSecrets, type RecordingSecrets } from '../state/recording-secrets.ts'

export interface StartDeps {
  kysely: Connection
  boss: PgBoss
  seal: Seal
  clock: Clock
  pool: Pick<CapturePool, 'check'>
}

/** A recording as it is asked for; `store` absent means the app's default. */
export interface StartOrder {
  tenantId: string
  sdkAppId: number
  roomId: RoomId
  userId: string
  /** Checked when the app's SDK secret key is known, and not kept: robots have UserSigs of their own. */
  userSig?: string
  options: RecordingOptions
  secrets: Omit<RecordingSecrets, 'store'> & Partial<Pick<RecordingSecrets, 'store'>>
}

/**
 * Checks all that can be checked before anything is recorded, then stores the recording with the job that runs it.
 * The same recorder in the same room is given its running recording.
 * @throws RoomtapeError APP_UNKNOWN, USERSIG_INVALID, STORE_MISSING, STORE_DENIED, STORE_UNAVAILABLE
 */
export async function startRecording (order: StartOrder, deps: StartDeps): Promise<{ row: RecordingRow, created: boolean }> {
  const { kysely, boss, seal, clock, pool } = deps
  const { tenantId, sdkAppId, userId, options, secrets } = order
  const key = roomKey(order.roomId)
  const app = await findApp(kysely, seal, sdkAppId)
  if (app?.tenantId !== tenantId) throw new RoomtapeError('APP_UNKNOWN', `SdkAppId ${sdkAppId} is no app of this tenant`)
  if (order.userSig !== undefined && app.sdkSecretKey !== undefined) {
    const fault = checkUserSig(order.userSig, { sdkAppId, secretKey: app.sdkSecretKey, userId, nowMs: clock.now() })
    if (fault !== undefined) throw new RoomtapeError('USERSIG_INVALID', `UserSig of '${userId}' is ${fault}`)
  }
  const running = await findRunning(kysely, { sdkAppId, roomKey: key, userId })
  if (running !== undefined) return { row: running, created: false }

  const store = secrets.store ?? app.defaultStore
  if (store === undefined) throw new RoomtapeError('STORE_MISSING', `CosConfig is needed: app ${sdkAppId} has no default store`)
  await pool.check(store)

  const id = newId('rec')
  const jobId = randomUUID()
  return kysely.transaction().execute(async (transaction) => {
    const inserted = await insertRecording(transaction, {
      id,
      tenantId,
      sdkAppId,
      roomKey: key,
      userId,
      jobId,
      options,
      sealedSecrets: sealSecrets(seal, id, { ...secrets, store }),
      createdMs: clock.now()
    })
    if (inserted.created) {
      await boss.send(queues.recording, { recordingId: id } satisfies RecordingJob, { id: jobId, singletonKey: id, db: inTransaction(transaction) })
    }
    return inserted
  })
}
