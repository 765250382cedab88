import { isRobot } from '../trtc/robot-id.ts'
import type { RoomEvent } from '../trtc/room-event.ts'

/**
 * Whether events tell who is in a room during a recording: one of them is from then on, or from before and the room was not dismissed since.
 * By the times of the events, not by their arrival: what comes late of a room's former life tells nothing. Robots tell nothing either.
 */
export function isRoomTold (events: readonly RoomEvent[], fromMs: number): boolean {
  const told = events.flatMap((event) => event.kind === 'unknown' || event.kind === 'relayStatus' || ('userId' in event && isRobot(event.userId)) ? [] : [event])
  const dismissedMs = Math.max(0, ...told.filter(({ kind, eventMs }) => kind === 'roomDismissed' && eventMs < fromMs).map(({ eventMs }) => eventMs))
  return told.some(({ eventMs }) => eventMs >= fromMs || eventMs > dismissedMs)
}
