import { createHash } from 'node:crypto'
import { RoomtapeError } from '../core/errors.ts'
import { roomKey, type RoomId } from './room-id.ts'

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
  /** When TRTC sent it, Unix milliseconds. May change when TRTC sends the event again. */
  sentMs: number
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

/** Status of one relay task's push to one URL. `userId` is the robot's. */
type RelayEvent = UserEventHead & {
  kind: 'relayStatus'
  taskId: string
  /** The destination with its stream key: a secret. */
  url: string
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

const maxRoomNumber = 4_294_967_295
/** Longest user or room id that is taken, in characters. TRTC documents less, but longer ones have been seen. */
const maxIdLength = 128
const maxTimeMs = 8_640_000_000_000_000

/**
 * Reads an event callback: the raw body, or the JSON value in it. Fields TRTC may add later are ignored, groups and types it may
 * add later come back as `unknown`, and numbers may come as text, as some of TRTC's own samples have them.
 * @throws RoomtapeError BODY_MALFORMED when the bytes are not JSON, VALIDATION naming the field otherwise
 * @see TRTC docs, Event Callbacks (document 39558) and relay callbacks (54913)
 */
export function parseRoomEvent (raw: unknown): RoomEvent {
  const body = new Fields(raw instanceof Uint8Array ? parseJson(raw) : raw, '')
  const head: EventHead = { group: body.count('EventGroupId'), type: body.count('EventType') }
  const unknown = (): UnknownEvent => ({ ...head, kind: 'unknown', sentMs: body.optionalTime('CallbackTs', 'CallbackMsTs'), info: body.get('EventInfo') })

  if (Math.floor(head.type / 100) !== head.group) return unknown()
  const kind = head.type === 102 ? 'roomDismissed' : userEvents[head.type]
  if (kind === undefined) return unknown()

  const info = new Fields(body.get('EventInfo'), 'EventInfo.')
  const room: RoomEventHead = { ...head, roomId: info.roomId('RoomId'), eventMs: eventTime(info), sentMs: body.time('CallbackTs', 'CallbackMsTs') }
  if (kind === 'roomDismissed') return { ...room, kind }
  const user: UserEventHead = { ...room, userId: info.id('UserId') }
  switch (kind) {
    case 'userEntered':
    case 'roleChanged':
      return { ...user, kind, role: roleOf(info) }
    case 'userLeft':
      return { ...user, kind, role: roleOf(info), reason: leaveReasons[info.optionalCount('Reason') ?? 0] ?? 'other' }
    case 'relayStatus': {
      const payload = new Fields(info.get('Payload'), 'EventInfo.Payload.')
      const status = relayStatuses[payload.count('Status')]
      if (status === undefined) return unknown()
      return {
        ...user,
        kind,
        roomId: roomOfType(user.roomId, info.optionalCount('RoomType')),
        taskId: info.text('TaskId'),
        url: payload.text('Url'),
        status,
        errorCode: payload.optionalCount('ErrorCode') ?? 0,
        errorMessage: payload.optionalText('ErrorMsg') ?? ''
      }
    }
    default:
      return { ...user, kind }
  }
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
  const seconds = info.optionalCount('EventTs')
  if (seconds === undefined || seconds * 1000 > maxTimeMs) return info.time('EventMsTs', 'EventTsMs')
  return info.optionalTime('EventMsTs', 'EventTsMs') ?? seconds * 1000
}

function roleOf (info: Fields): Role {
  return roles[info.optionalCount('Role') ?? 0] ?? 'unknown'
}

/** Relay callbacks say the room's type in a field of its own, and it outweighs the JSON type of RoomId. */
function roomOfType (roomId: RoomId, roomType: number | undefined): RoomId {
  if (roomType === 1) return String(roomId)
  const number = Number(roomId)
  return roomType === 0 && isRoomNumber(number) ? number : roomId
}

function isRoomNumber (value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= maxRoomNumber
}

/** One JSON object of the callback; every reader throws VALIDATION with the field's full name. */
class Fields {
  readonly #values: Partial<Record<string, unknown>>
  readonly #path: string

  constructor (value: unknown, path: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(path === '' ? 'body' : path.slice(0, -1), 'an object')
    this.#values = value
    this.#path = path
  }

  get (name: string): unknown {
    return Object.hasOwn(this.#values, name) ? this.#values[name] : undefined
  }

  /** A whole number from 0, also as text. */
  optionalCount (name: string): number | undefined {
    const value = this.get(name)
    if (value === undefined || value === null) return undefined
    const count = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value
    if (!Number.isSafeInteger(count) || (count as number) < 0) throw invalid(this.#path + name, 'a whole number')
    return count as number
  }

  count (name: string): number {
    return this.optionalCount(name) ?? this.#missing(name, 'a whole number')
  }

  optionalTime (...names: string[]): number | undefined {
    for (const name of names) {
      const value = this.optionalCount(name)
      if (value !== undefined && value > maxTimeMs) throw invalid(this.#path + name, 'Unix milliseconds')
      if (value !== undefined) return value
    }
    return undefined
  }

  time (...names: [string, ...string[]]): number {
    return this.optionalTime(...names) ?? this.#missing(names[0], 'Unix milliseconds')
  }

  /** Any text, or a number where TRTC's pages disagree about the type. */
  optionalText (name: string): string | undefined {
    const value = this.get(name)
    if (value === undefined || value === null) return undefined
    if (typeof value !== 'string' && typeof value !== 'number') throw invalid(this.#path + name, 'text')
    return String(value)
  }

  text (name: string): string {
    return this.optionalText(name) ?? this.#missing(name, 'text')
  }

  id (name: string): string {
    const value = this.get(name)
    // databases and terminals choke on control characters, and lone surrogates do not survive UTF-8
    if (typeof value !== 'string' || value === '' || value.length > maxIdLength || /[\p{Cc}\p{Cs}]/u.test(value)) {
      throw invalid(this.#path + name, `1 to ${maxIdLength} printable characters`)
    }
    return value
  }

  roomId (name: string): RoomId {
    const value = this.get(name)
    if (typeof value === 'string') return this.id(name)
    if (typeof value !== 'number' || !isRoomNumber(value)) throw invalid(this.#path + name, `text, or a number from 1 to ${maxRoomNumber}`)
    return value
  }

  #missing (name: string, expected: string): never {
    throw invalid(this.#path + name, expected)
  }
}

function invalid (field: string, expected: string): RoomtapeError {
  return new RoomtapeError('VALIDATION', `${field} must be ${expected}`)
}
