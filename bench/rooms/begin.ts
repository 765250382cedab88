import { setTimeout as delay } from 'node:timers/promises'
import { call } from '../../test/helpers/world.ts'
import type { RoomName } from './calls.ts'

export interface BegunRoom extends RoomName {
  recordingId: string
  /** How long POST /v1/recordings took. */
  latencyMs: number
}

interface Begin {
  rooms: readonly RoomName[]
  /** Rooms that begin in a second, whether the gateway has answered those before them or not. */
  perSecond: number
  url: string
  token: string
  callbackUrl: string
  /** 0: tracks are not cut. */
  segmentSeconds: number
  /** Called when a room's recording was taken. */
  onBegun: (room: RoomName) => Promise<unknown>
}

/** Asks for the recording of each room by the clock. @throws Error when one is refused */
export async function begin (
  { rooms, perSecond, url, token, callbackUrl, segmentSeconds, onBegun }: Begin, { signal }: { signal: AbortSignal }
): Promise<BegunRoom[]> {
  const startMs = performance.now()
  return Promise.all(rooms.map(async (room, index): Promise<BegunRoom> => {
    await delay(Math.max(0, startMs + index * 1000 / perSecond - performance.now()), undefined, { signal })
    const sentMs = performance.now()
    const answer = await call(url, '/v1/recordings', {
      method: 'POST',
      token,
      body: { SdkAppId: room.sdkAppId, StrRoomId: room.roomId, UserId: 'recorder', Callback: callbackUrl, Output: { SegmentSeconds: segmentSeconds } }
    })
    const latencyMs = performance.now() - sentMs
    if (answer.status !== 202) throw new Error(`a start was answered ${answer.status}: ${JSON.stringify(answer.body)}`)
    await onBegun(room)
    return { ...room, recordingId: String(answer.body.RecordingId), latencyMs }
  }))
}
