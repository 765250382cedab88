import type { MemberChange, MemberRow, RoomRows } from '../state/rooms.ts'
import type { RoomEvent } from '../trtc/room-event.ts'
import { isRobot } from '../trtc/robot-id.ts'

/** What an event says of a member; undefined when it says nothing, or speaks of one of our own robots. */
export function memberChange (event: RoomEvent): MemberChange | undefined {
  if (!('userId' in event) || isRobot(event.userId)) return undefined
  const { userId, eventMs: atMs } = event
  const yes = { value: true, atMs }
  const no = { value: false, atMs }
  switch (event.kind) {
    case 'userEntered':
      if (event.role === 'unknown') return { userId, present: yes }
      return event.role === 'anchor' ? { userId, present: yes, anchor: yes, anchoredMs: atMs } : { userId, present: yes, anchor: no }
    case 'userLeft':
      // Leaving sends no stop of the audio: this is the end of everything.
      return {
        userId,
        present: no,
        audible: no,
        ...(event.role === 'audience' ? {} : { anchoredMs: atMs }),
        ...(event.reason === 'removed' ? { kickedMs: atMs } : {})
      }
    case 'roleChanged':
      if (event.role === 'unknown') return { userId, present: yes }
      if (event.role === 'anchor') return { userId, present: yes, anchor: yes, anchoredMs: atMs }
      return { userId, present: yes, anchor: no, audible: no, anchoredMs: atMs }
    case 'audioStarted':
      return { userId, present: yes, anchor: yes, audible: yes, anchoredMs: atMs }
    case 'audioStopped':
      return { userId, audible: no }
    // Only an anchor can publish, whatever it is: good news of one whose 103 was lost.
    case 'videoStarted':
    case 'screenStarted':
      return { userId, present: yes, anchor: yes, anchoredMs: atMs }
    case 'roomCreated':
    case 'videoStopped':
    case 'screenStopped':
    case 'relayStatus':
      return undefined
    default:
      return event satisfies never
  }
}

/** Members who may be heard now: in the room as it is since it was last dismissed, and anchors. */
export function anchorsOf ({ dismissedMs, members }: RoomRows): MemberRow[] {
  return members.filter((member) => member.present === true && member.presentMs > dismissedMs && member.anchor === true)
}

/** When an anchor was last known to be there, as far as events tell; 0 for never. */
export function lastAnchorMs ({ members }: RoomRows): number {
  return members.reduce((latest, { anchoredMs }) => Math.max(latest, anchoredMs), 0)
}
