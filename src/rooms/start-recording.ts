import { randomUUID } from 'node:crypto'
import type { Transaction } from 'kysely'
import type { PgBoss } from 'pg-boss'
import type { Clock, GatewayClock } from '../core/clock.ts'
import { RoomtapeError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import type { Seal } from '../core/seal.ts'
import type { StoreTarget } from '../core/store-target.ts'
import { findApp } from '../state/apps.ts'
import { inTransaction, type Connection } from '../state/database.ts'
import { queues, type RecordingJob } from '../state/queues.ts'
import type { RecordingOptions } from '../state/recording-options.ts'
import { sealSecrets, type RecordingSecrets } from '../state/recording-secrets.ts'
import { countRunning, findRunning, insertRecording, type RecordingRow } from '../state/recordings.ts'
import { lockRoom } from '../state/rooms.ts'
import type { Tables } from '../state/tables.ts'
import { roomKey, type RoomId } from '../trtc/room-id.ts'
import { checkUserSig } from '../trtc/user-sig.ts'
import { beginClock, clockOf } from './recording-clock.ts'
import { checkRoleAccess } from './role-access.ts'

export interface CheckStartDeps {
  kysely: Connection
  seal: Seal
  clock: Clock
  /** Rejects with STORE_DENIED or STORE_UNAVAILABLE when the store cannot be written to. */
  checkStore: (target: StoreTarget) => Promise<void>
}

export interface WriteRecordingDeps {
  boss: PgBoss
  seal: Seal
  /** The wall clock. */
  clock: Clock
  gatewayClock: GatewayClock
  roomRecordingsMax: number
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

/** A start that passed its checks, for `writeRecording`. */
export interface CheckedStart extends Pick<RecordingRow, 'tenantId' | 'sdkAppId' | 'roomKey' | 'userId' | 'options'> {
  secrets: RecordingSecrets
}

/**
 * Checks all that can be checked before anything is recorded; changes nothing.
 * @returns the recording that the same recorder is making in the same room, if there is one: then nothing is to be written
 * @throws RoomtapeError APP_UNKNOWN, USERSIG_INVALID, STORE_MISSING, STORE_NOT_LISTED, STORE_DENIED, STORE_UNAVAILABLE
 */
export async function checkStart (order: StartOrder, deps: CheckStartDeps): Promise<{ running: RecordingRow } | { checked: CheckedStart }> {
  const { kysely, seal, clock, checkStore } = deps
  const { tenantId, sdkAppId, userId, options, secrets } = order
  const key = roomKey(order.roomId)
  const app = await findApp(kysely, seal, sdkAppId)
  if (app?.tenantId !== tenantId) throw new RoomtapeError('APP_UNKNOWN', `SdkAppId ${sdkAppId} is no app of this tenant`)
  if (order.userSig !== undefined && app.sdkSecretKey !== undefined) {
    const fault = checkUserSig(order.userSig, { sdkAppId, secretKey: app.sdkSecretKey, userId, nowMs: clock.now() })
    if (fault !== undefined) throw new RoomtapeError('USERSIG_INVALID', `UserSig of '${userId}' is ${fault}`)
  }
  const running = await findRunning(kysely, { sdkAppId, roomKey: key, userId })
  if (running !== undefined) return { running }

  const store = secrets.store ?? app.defaultStore
  if (store === undefined) throw new RoomtapeError('STORE_MISSING', `CosConfig is needed: app ${sdkAppId} has no default store`)
  if (secrets.store !== undefined) await checkRoleAccess(secrets.store, { kysely, tenantId, defaultStore: app.defaultStore })
  await checkStore(store)
  const { callbackFormat } = app
  return { checked: { tenantId, sdkAppId, roomKey: key, userId, options: { callbackFormat, ...options }, secrets: { ...secrets, store } } }
}

/** How the object keys of new recordings are made. */
const keyVersion = 2 as const

/**
 * Writes a recording and the job that runs it: both with the transaction, or neither.
 * @returns the recording, and whether it is the new one: the same recorder may have begun another since `checkStart`
 * @throws RoomtapeError ROOM_FULL
 */
export async function writeRecording (
  transaction: Transaction<Tables>, { secrets, ...start }: CheckedStart, { boss, seal, clock, gatewayClock, roomRecordingsMax }: WriteRecordingDeps
): Promise<{ row: RecordingRow, created: boolean }> {
  const id = newId('rec')
  const jobId = randomUUID()
  const options = { ...start.options, keyVersion }
  const time = beginClock(clock, gatewayClock)
  const createdMs = clockOf(time, gatewayClock).now()
  await lockRoom(transaction, start)
  const inserted = await insertRecording(transaction, { id, ...start, options, jobId, sealedSecrets: sealSecrets(seal, id, secrets), createdMs, ...time })
  if (inserted.created) {
    if (await countRunning(transaction, start) > roomRecordingsMax) {
      throw new RoomtapeError('ROOM_FULL', `this room has ${roomRecordingsMax} recordings already: one of them has to end first`)
    }
    await boss.send(queues.recording, { recordingId: id } satisfies RecordingJob, { id: jobId, singletonKey: id, db: inTransaction(transaction) })
  }
  return inserted
}
