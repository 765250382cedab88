import { frameMs } from '../capture/clip.ts'
import type { BegunRoom } from './begin.ts'
import type { RelayReport } from './relay.ts'
import type { Receipt } from './tenant.ts'
import type { TrtcReport } from './trtc.ts'

/** What came back of one room: its one callback, and what its relays did. */
export interface EndedRoom { room: BegunRoom, receipt: Receipt, relays: RelayReport[] }

interface Evidence {
  rooms: readonly BegunRoom[]
  userIds: readonly string[]
  receipts: readonly Receipt[]
  objects: readonly { key: string, bytes: number }[]
  trtc: TrtcReport
}

/** How much less audio than was sent may be in a file: its clock is anchored by the first frames. */
const shortMsLimit = 1_000

/** Looks whether each room that ended has what it has to have. Rooms that have not ended are no fault here: they are counted. */
export function verify ({ rooms, userIds, receipts, objects, trtc }: Evidence): { ended: EndedRoom[], shortMaxMs: number, faults: string[] } {
  const faults = trtc.relays.flatMap(({ roomId, userId, faults }) => faults.map((fault) => `${roomId}, the relay of ${userId}: ${fault}`))
  if (trtc.lostEvents > 0) faults.push(`${trtc.lostEvents} events were not taken within a minute`)
  const sizes = new Map(objects.map(({ key, bytes }) => [key, bytes]))
  const byRecording = Map.groupBy(receipts.filter(({ duplicate }) => !duplicate), ({ body }) => body.RecordingId)
  const relaysOf = Map.groupBy(trtc.relays, ({ roomId }) => roomId)
  const ended: EndedRoom[] = []
  let shortMaxMs = 0
  for (const room of rooms) {
    const [receipt, ...more] = byRecording.get(room.recordingId) ?? []
    if (receipt === undefined) continue
    const relays = relaysOf.get(room.roomId) ?? []
    ended.push({ room, receipt, relays })
    const { Type, Reason, Message, Files } = receipt.body
    const say = (fault: string): void => { faults.push(`${room.roomId}: ${fault}`) }
    if (more.length > 0) say(`${more.length + 1} callbacks tell its end`)
    if (receipt.signature !== 'valid') say(`the signature of its callback is ${receipt.signature}`)
    if (Type !== 'recording.completed' || Reason !== 'RoomDismissed') say(`${Type} by ${Reason}: ${Message}`)
    for (const userId of userIds) {
      const files = Files.filter((file) => file.UserId === userId)
      const wrong = files.find(({ Status, Partial, Key, Bytes }) => Status !== 1 || Partial || sizes.get(Key) !== Bytes)
      if (files.length === 0) say(`there is no file of ${userId}`)
      else if (wrong !== undefined) say(`a file of ${userId} is not whole: ${JSON.stringify(wrong)}`)
      const sentMs = relays.filter((relay) => relay.userId === userId).reduce((sum, { sent }) => sum + sent, 0) * frameMs
      const shortMs = sentMs - files.reduce((sum, { DurationMs }) => sum + DurationMs, 0)
      shortMaxMs = Math.max(shortMaxMs, shortMs)
      if (shortMs > shortMsLimit) say(`${shortMs.toFixed(0)} ms of what ${userId} said are in no file`)
    }
    const strangers = Files.filter(({ UserId }) => !userIds.includes(UserId))
    if (strangers.length > 0) say(`there are files of ${strangers.map(({ UserId }) => UserId).join(', ')}`)
  }
  return { ended, shortMaxMs, faults }
}
