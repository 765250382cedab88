import { Type, type Static } from 'typebox'
import { objectionToHeader, type EndpointHeaders } from '../callback/endpoint-headers.ts'
import { RoomtapeError } from '../core/errors.ts'
import { callbackFormats, scheduleNames, type EndpointFilters, type EndpointSchedule } from '../state/endpoint-options.ts'
import { storable } from './fields.ts'

const closed = { additionalProperties: false }
const Pattern = Type.String({ minLength: 1, maxLength: 128, pattern: storable })
const patterns = (description: string) => Type.Optional(Type.Array(Pattern, { maxItems: 200, description }))

export const EventTypes = Type.Array(Type.String({ pattern: '^(?=.)[A-Za-z0-9_.]{0,64}\\*?$' }), {
  minItems: 1, maxItems: 50, description: 'Types of events; `*` at the end of an entry stands for any rest.'
})

const members = {
  Url: Type.Optional(Type.String({ maxLength: 2048, description: 'Where events are sent: `https`, public. It holds at once, also for what waits.' })),
  Types: Type.Optional(EventTypes),
  Filters: Type.Optional(Type.Object({
    UserIds: patterns('Who is heard. Events that speak of no single speaker pass, as with `Labels`.'),
    Labels: patterns('How their files are labelled.'),
    Rooms: patterns('Rooms, numeric ones as text.'),
    SdkAppIds: Type.Optional(Type.Array(Type.Integer({ minimum: 1, maximum: 4_294_967_295 }), { maxItems: 200 }))
  }, { ...closed, description: 'Which events it gets of these types: those that fit each filter. `*` at the end of an entry stands for any rest; an absent or empty filter keeps nothing out. Filters take the place of all former ones.' })),
  Schedule: Type.Optional(Type.Union([
    Type.Enum([...scheduleNames]),
    Type.Array(Type.Integer({ minimum: 1, maximum: 86_400 }), { maxItems: 20 })
  ], { description: 'When what failed is sent again: by name, or seconds from one attempt to the next, 1 to 20 of them. Absent, or an empty list: `realtime` for segments, else `standard`.' })),
  Headers: Type.Optional(Type.Object({}, {
    additionalProperties: Type.Union([Type.String(), Type.Null()]),
    description: 'Sent with every event, at most 16. Kept sealed and never shown again. A change leaves the others as they are; an empty value takes one away.'
  })),
  CallbackFormat: Type.Optional(Type.Enum([...callbackFormats], { description: '`template`: the five fields of the serverless template at the end of a recording, and nothing else. `full` unless said.' })),
  Enabled: Type.Optional(Type.Boolean({ description: '`false`: what comes, and what waits, is held. `true`: all that spoke against it is forgotten; what is held stays so until it is replayed.' }))
}

export const EndpointRequest = Type.Object({
  ...members,
  Types: Type.Optional({ ...EventTypes, default: ['*'] } as typeof EventTypes),
  Pull: Type.Optional(Type.Boolean({ description: 'It has no `Url`, and asks for its events: `GET /v1/events`.' }))
}, { ...closed, description: 'Zero values (`0`, `""`, `null`, an object without members) mean that the member is absent.' })
export type EndpointRequest = Static<typeof EndpointRequest>

export const EndpointPatch = Type.Object(members, {
  ...closed, description: 'What is absent stays as it is; zero values (`0`, `""`, `null`, an object without members) mean absent here too.'
})

const mostHeaders = 16
/** Many receivers take 16 kB with all that comes with a request. */
const longestHeaders = 8_192

/** The columns of what a request says and a row keeps as it is; what it does not say is not among them. */
export function optionColumns ({ Types, Filters, Schedule, CallbackFormat, Enabled }: EndpointRequest) {
  return {
    ...Types !== undefined && { types: JSON.stringify(Types) },
    ...Filters !== undefined && { filters: JSON.stringify(filtersOf(Filters)) },
    ...Schedule !== undefined && { schedule: Schedule.length === 0 ? null : JSON.stringify(Schedule satisfies EndpointSchedule) },
    ...CallbackFormat !== undefined && { format: CallbackFormat },
    ...Enabled !== undefined && { enabled: Enabled }
  }
}

function filtersOf ({ UserIds, Labels, Rooms, SdkAppIds }: NonNullable<EndpointRequest['Filters']>): EndpointFilters {
  const some = <Entry>(entries: Entry[] | undefined): Entry[] | undefined => entries?.length === 0 ? undefined : entries
  return JSON.parse(JSON.stringify({ userIds: some(UserIds), labels: some(Labels), rooms: some(Rooms), sdkAppIds: some(SdkAppIds) })) as EndpointFilters
}

/**
 * Headers as they are after a request: those of before, with what it changes.
 * @throws RoomtapeError VALIDATION
 */
export function headersOf (before: EndpointHeaders, change: EndpointRequest['Headers']): EndpointHeaders {
  const headers = new Map(Object.entries(before))
  for (const [name, value] of Object.entries((change ?? {}) as Record<string, unknown>)) {
    const text = typeof value === 'string' ? value : ''
    const objection = objectionToHeader(name, text === '' ? 'none' : text)
    if (objection !== undefined) throw new RoomtapeError('VALIDATION', `Headers: ${JSON.stringify(name.slice(0, 64))} ${objection}`)
    if (text === '') headers.delete(name.toLowerCase())
    else headers.set(name.toLowerCase(), text)
  }
  const length = [...headers].flat().join('').length
  if (headers.size > mostHeaders || length > longestHeaders) throw new RoomtapeError('VALIDATION', `Headers: at most ${mostHeaders} of ${longestHeaders} characters together`)
  return Object.fromEntries(headers)
}
