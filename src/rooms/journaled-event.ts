import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { RoomtapeError } from '../core/errors.ts'
import { parseRoomEvent, type RoomEvent } from '../trtc/room-event.ts'
import { relayGroup, type HeardEvent } from './take-event.ts'

/** What is stored of a relay's status: the event as it was read, without the destination. */
const RelayStatus = Type.Object({
  kind: Type.Literal('relayStatus'),
  group: Type.Integer(),
  type: Type.Integer(),
  roomId: Type.Union([Type.String(), Type.Integer()]),
  userId: Type.String(),
  eventMs: Type.Integer(),
  sentMs: Type.Optional(Type.Integer()),
  taskId: Type.Optional(Type.String()),
  status: Type.Enum(['idle', 'connecting', 'running', 'recovering', 'failed', 'disconnecting']),
  errorCode: Type.Number(),
  errorMessage: Type.String()
})
/** And of whatever else is told of relays. */
const UnknownOfRelays = Type.Object({ group: Type.Literal(relayGroup), type: Type.Integer() })

const JournaledEvent = Type.Object({
  version: Type.Literal(1),
  sdkAppId: Type.Integer(),
  dedupeKey: Type.String(),
  heardMs: Type.Number(),
  monotonicMs: Type.Number(),
  bootId: Type.String(),
  ofRelay: Type.Boolean(),
  body: Type.Unknown()
})

/** An event as a line of the event journal has it: what the table will have, and when the event came. */
export function journaled ({ event, ...heard }: HeardEvent): string {
  return JSON.stringify({ version: 1, ...heard, ofRelay: event.group === relayGroup })
}

/** @throws RoomtapeError FILE_UNREADABLE for what no gateway of this version has written */
export function readJournaled (json: string): HeardEvent {
  const line: unknown = JSON.parse(json)
  if (!Value.Check(JournaledEvent, line)) throw unreadable()
  const { version: _, ofRelay, ...heard } = line
  return { ...heard, event: ofRelay ? relayEvent(heard.body) : parseRoomEvent(heard.body) }
}

function relayEvent (body: unknown): RoomEvent {
  if (Value.Check(RelayStatus, body)) return { ...body, sentMs: body.sentMs, taskId: body.taskId, url: undefined }
  if (Value.Check(UnknownOfRelays, body)) return { ...body, kind: 'unknown', sentMs: undefined, info: undefined }
  throw unreadable()
}

function unreadable (): RoomtapeError {
  return new RoomtapeError('FILE_UNREADABLE', 'an event of the event journal is of another version')
}
