import { createHash } from 'node:crypto'
import { RoomtapeError } from '../core/errors.ts'
import { Fields, maxTimeMs } from './fields.ts'
import { isRoomNumber, roomKey, type RoomId } from './room-id.ts'
import { sentTime } from './sent-time.ts'

/** A user's role; `unknown` when TRTC names a role that did not exist when this was written. */
type Role = 'anchor' | 'audience' | 'unknown'

/** Why a user left; `other` for a reason that did not exist when this was written. */
type LeaveReason = 'normal' | 'timeout' | 'removed' | 'crossRoomEnded' | 'killed' | 'other'

type RelayStatus = 'idle' | 'connecting' | 'running' | 'recovering' | 'failed' | 'disconnecting'

interface EventHead {
  /** TRTC's EventGroupId and EventType. */
  group: number
  type: number
}

interface RoomEventHead extends EventHead {
  roomId: RoomId
  /** When it happened, Unix milliseconds: the only order there is, since events come late, twice and in any order. */
  eventMs: number
  sentMs: number | undefined
}

interface UserEventHead extends RoomEventHead {
  userId: string
}

/** An event callback of a TRTC room. Leaving a room sends `userLeft` only, without the stop of audio and video. */
export type RoomEvent =
  | UserEventHead & { kind: 'roomCreated' | 'videoStarted' | 'videoStopped' | 'audioStarted' | 'audioStopped' | 'screenStarted' | 'screenStopped' }
  | RoomEventHead & { kind: 'roomDismissed' }
  | UserEventHead & { kind: 'userEntered' | 'roleChanged', role: Role }
  | UserEventHead & { kind: 'userLeft', role: Role, reason: LeaveReason }
  | RelayEvent
  | UnknownEvent

/** Status of one relay task's push to one URL. `userId` is the robot's, which tells whose it is without the rest. */
type RelayEvent = UserEventHead & {
  kind: 'relayStatus'
  taskId: string | undefined
  /** The destination with its stream key: a secret. */
  url: string | undefined
  status: RelayStatus
  errorCode: number
  errorMessage: string
}

/** An event that the gateway stores and counts, no more. */
type UnknownEvent = EventHead & {
  kind: 'unknown'
  sentMs: number | undefined
  /** EventInfo as it came. */
  info: unknown
}

const userEvents: Partial<Record<number, Exclude<RoomEvent['kind'], 'roomDismissed' | 'unknown'>>> = {
  101: 'roomCreated',
  103: 'userEntered',
  104: 'userLeft',
  105: 'roleChanged',
  201: 'videoStarted',
  202: 'videoStopped',
  203: 'audioStarted',
  204: 'audioStopped',
  205: 'screenStarted',
  206: 'screenStopped',
  401: 'relayStatus'
}
const roles: Partial<Record<number, Role>> = { 20: 'anchor', 21: 'audience' }
const leaveReasons: Partial<Record<number, LeaveReason>> = { 1: 'normal', 2: 'timeout', 3: 'removed', 4: 'crossRoomEnded', 5: 'killed' }
const relayStatuses: readonly RelayStatus[] = ['idle', 'connecting', 'running', 'recovering', 'failed', 'disconnecting']

/** Longest id of a task. It is part of `dedupeKey`, which an index of the database takes up to 2.7 kB of. */
const maxTaskIdLength = 512

/**
 * Reads an event callback: the raw body, or the JSON value in it. Refused is what is no event without it: the type, the room, the user where
 * the event has one, and when it happened. What only explains is left out when it cannot be read; fields TRTC may add later are ignored, groups
 * and types it may add later come back as `unknown`, and numbers may come as text, as some of TRTC's own samples have them.
 * @throws RoomtapeError BODY_MALFORMED when the bytes are not JSON, VALIDATION naming the field otherwise
 * @see TRTC docs, Event Callbacks (document 39558) and relay callbacks (54913)
 */
export function parseRoomEvent (raw: unknown): RoomEvent {
  const body = new Fields(raw instanceof Uint8Array ? parseJson(raw) : raw, '')
  const head = eventHead(body)
  const sentMs = sentTime(body)
  const unknown = (): UnknownEvent => ({ ...head, kind: 'unknown', sentMs, info: body.get('EventInfo') })

  if (groupOf(head.type) !== head.group) return unknown()
  const kind = head.type === 102 ? 'roomDismissed' : userEvents[head.type]
  if (kind === undefined) return unknown()

  const info = new Fields(body.get('EventInfo'), 'EventInfo.')
  const room: RoomEventHead = { ...head, roomId: info.roomId('RoomId'), eventMs: eventTime(info), sentMs }
  if (kind === 'roomDismissed') return { ...room, kind }
  const user: UserEventHead = { ...room, userId: info.id('UserId') }
  switch (kind) {
    case 'userEntered':
    case 'roleChanged':
      return { ...user, kind, role: roleOf(info) }
    case 'userLeft':
      return { ...user, kind, role: roleOf(info), reason: leaveReasons[info.count('Reason') ?? 0] ?? 'other' }
    case 'relayStatus': {
      const payload = info.fields('Payload')
      const status = relayStatuses[payload?.count('Status') ?? Infinity]
      if (status === undefined) return unknown()
      return {
        ...user,
        kind,
        roomId: roomOfType(user.roomId, info.count('RoomType')),
        taskId: info.text('TaskId', { maxLength: maxTaskIdLength }),
        url: payload?.text('Url'),
        status,
        errorCode: payload?.number('ErrorCode') ?? 0,
        errorMessage: payload?.text('ErrorMsg') ?? ''
      }
    }
    default:
      return { ...user, kind }
  }
}

function eventHead (body: Fields): EventHead {
  const type = body.code('EventType')
  const group = body.code('EventGroupId')
  // The group only repeats what the type says; what has neither it nor any content is no event.
  if (group === undefined && (type === undefined || body.get('EventInfo') === undefined)) return body.refuse('EventGroupId', 'a whole number')
  if (type === undefined) return body.refuse('EventType', 'a whole number')
  return { group: group ?? groupOf(type), type }
}

function groupOf (type: number): number {
  return Math.floor(type / 100)
}

/**
 * One text per event, however often and in whatever order it comes: TRTC gives events no id. When it was sent is left out,
 * since that may change from one try to the next.
 */
export function dedupeKey (sdkAppId: number, event: RoomEvent): string {
  const { group, type } = event
  switch (event.kind) {
    case 'unknown': {
      const digest = createHash('sha256').update(JSON.stringify([event.info])).digest('base64url')
      return JSON.stringify([sdkAppId, group, type, digest])
    }
    case 'roomDismissed':
      return JSON.stringify([sdkAppId, group, type, roomKey(event.roomId), '', event.eventMs])
    case 'relayStatus':
      return JSON.stringify([sdkAppId, group, type, roomKey(event.roomId), event.userId, event.eventMs, event.taskId, event.status])
    default:
      return JSON.stringify([sdkAppId, group, type, roomKey(event.roomId), event.userId, event.eventMs])
  }
}

function parseJson (raw: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw))
  } catch {
    // the parser's own message quotes the body, and a relay's body holds a stream key
    throw new RoomtapeError('BODY_MALFORMED', 'the body is not JSON in UTF-8')
  }
}

/** Time of the event in milliseconds, by either of the two names TRTC's pages use, or else in whole seconds. */
function eventTime (info: Fields): number {
  const fromSeconds = (info.count('EventTs') ?? Infinity) * 1000
  const eventMs = info.time('EventMsTs', 'EventTsMs') ?? fromSeconds
  return eventMs <= maxTimeMs ? eventMs : info.refuse('EventMsTs', 'Unix milliseconds')
}

function roleOf (info: Fields): Role {
  return roles[info.count('Role') ?? 0] ?? 'unknown'
}

/** Relay callbacks say the room's type in a field of its own, and it outweighs the JSON type of RoomId. */
function roomOfType (roomId: RoomId, roomType: number | undefined): RoomId {
  if (roomType === 1) return String(roomId)
  const number = Number(roomId)
  return roomType === 0 && isRoomNumber(number) ? number : roomId
}
