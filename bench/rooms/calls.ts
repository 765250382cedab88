import type { Receipt, SegmentReceipt } from './tenant.ts'
import type { TrtcReport } from './trtc.ts'

/** An app of TRTC with an account of its own, since TRTC counts the calls of an account. */
export interface RoomsApp {
  sdkAppId: number
  /** Signs UserSigs. */
  secretKey: string
  /** Signs event callbacks. */
  callbackKey: string
  /** Signs calls of the Cloud API. */
  cloud: { secretId: string, secretKey: string }
}

export interface RoomName { sdkAppId: number, roomId: string }

export function keyOf ({ sdkAppId, roomId }: RoomName): string { return `${sdkAppId}/${roomId}` }

/** What the bench asks of the process that plays TRTC. */
export interface TrtcCalls {
  /** @returns the origin of the Cloud API */
  start: { request: { apps: RoomsApp[], lateMs: number }, result: string }
  /** From now on events go to this URL. */
  tell: { request: { url: string }, result: null }
  /** Lets people enter a room and talk. */
  enter: { request: RoomName & { userIds: string[] }, result: null }
  /** Resolves when so many relays send audio. */
  talking: { request: { relays: number }, result: null }
  /** Dismisses all rooms at once. */
  dismiss: { request: null, result: null }
  /** Resolves when all relays have hung up and all events were answered. */
  report: { request: null, result: TrtcReport }
}

/** What the bench asks of the process that plays the tenant: bucket and receiver. */
export interface TenantCalls {
  start: { request: { bucket: string, secretId: string, secretKey: string }, result: { cosUrl: string, callbackUrl: string } }
  /** Callbacks are signed with this secret. */
  trust: { request: { secret: string }, result: null }
  /** Resolves when so many recordings have ended, or when the time is over. */
  ended: { request: { recordings: number, limitMs: number }, result: null }
  report: { request: { bucket: string }, result: { receipts: Receipt[], segments: SegmentReceipt[], objects: { key: string, bytes: number }[] } }
}
