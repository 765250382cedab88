import type { RoomId } from '../../src/trtc/room-id.ts'
import type { Callback, CallbackFile, Detail, Outside, Tenant } from './world.ts'

/** Frames of one user, of a clip of `numberedClip`: frame n was said at `roomMs` + n frames. Open at the end: `to` was not said. */
export interface SaidSpan { sampleRate: number, roomMs: number, from: number, to: number }

/** A recording as its tenant saw it just before the kill. */
export interface SeenRecording {
  id: string
  roomId: RoomId
  detail: Detail & { Files: CallbackFile[] }
}

/** Whatever is not the killed gateway's own: `gateway.json` of a folder of `test/corpus/upgrade`. Secrets were made for it, and open nothing else. */
export interface KilledGateway {
  version: string
  killedMs: number
  masterKey: string
  adminToken: string
  tenant: Tenant
  keys: Pick<Outside, 'sdkSecretKey' | 'callbackKey' | 'cloudKeys' | 'cosKeys'>
  /** Where the bucket and the receiver were. */
  origins: { cos: string, receiver: string }
  /** Sealed texts of the database that name an origin, and what each was sealed for. */
  sealed: { context: string, text: string }[]
  /** When each file of the spool was last written. */
  spool: { path: string, modifiedMs: number }[]
  /** By a name for the state it was in. */
  recordings: Record<string, SeenRecording>
  /** By recording and user. */
  said: Record<string, Record<string, SaidSpan[]>>
  /** Every callback that the receiver had accepted. */
  told: Callback[]
}
