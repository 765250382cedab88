import type { MemberChange, MemberRow, RoomRows } from '../state/rooms.ts'
import type { RoomEvent } from '../trtc/room-event.ts'
import { isRobot } from '../trtc/robot-id.ts'

/** What an event tells of a member, if only that it is about them; undefined when it is of nobody, or of one of our own robots. */
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
      // TRTC sends no `audioStopped` for audio that ends by leaving.
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
    // Only an anchor can publish: this tells of one whose `userEntered` was lost.
    case 'videoStarted':
    case 'screenStarted':
      return { userId, present: yes, anchor: yes, anchoredMs: atMs }
    case 'videoStopped':
    case 'screenStopped':
      return { userId }
    case 'roomCreated':
    case 'relayStatus':
      return undefined
    default:
      return event satisfies never
  }
}

/** Members who may be heard now: anchors who are present, by an event since the room was last dismissed. */
export function anchorsOf ({ dismissedMs, members }: Pick<RoomRows, 'dismissedMs' | 'members'>): MemberRow[] {
  return members.filter((member) => member.present === true && member.presentMs > dismissedMs && member.anchor === true)
}
