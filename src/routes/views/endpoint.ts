import { Type, type Static } from 'typebox'
import { openEndpointHeaders } from '../../callback/endpoint-headers.ts'
import { gaveUpReasons } from '../../callback/events.ts'
import { endpointUrlContext } from '../../callback/seal-contexts.ts'
import type { Seal } from '../../core/seal.ts'
import { callbackFormats } from '../../state/endpoint-options.ts'
import { countedUpTo, type ListedEndpoint } from '../../state/own-endpoints.ts'
import { orNull } from '../fields.ts'

const texts = Type.Optional(Type.Array(Type.String()))

export const EndpointView = Type.Object({
  EndpointId: Type.String(),
  Url: orNull(Type.String(), 'Null with `Pull`; of a hidden one without its query.'),
  Pull: Type.Boolean(),
  Hidden: Type.Boolean({ description: 'Made of a `Callback` URL, for all recordings that name it.' }),
  Types: Type.Array(Type.String()),
  Filters: Type.Object({ UserIds: texts, Labels: texts, Rooms: texts, SdkAppIds: Type.Optional(Type.Array(Type.Integer())) }),
  Schedule: orNull(Type.Union([Type.String(), Type.Array(Type.Integer())]), 'Null: by the type of the event.'),
  HeaderNames: Type.Array(Type.String()),
  CallbackFormat: Type.Enum([...callbackFormats]),
  Enabled: Type.Boolean(),
  DisabledMs: orNull(Type.Integer(), 'Since when it is not enabled, or when what waited for a hidden one was given up.'),
  DisabledReason: orNull(Type.Enum(Object.values(gaveUpReasons)), 'Why we gave it up: it answered 410, took nothing for five days, or its URL leads where callbacks may not go. Null: we did not.'),
  BreakerOpen: Type.Boolean({ description: 'It failed ten times in a row, and is only tested at present.' }),
  NextProbeMs: orNull(Type.Integer(), 'When it is tested next.'),
  FailingSinceMs: orNull(Type.Integer(), 'The first failure since the last success.'),
  LastSuccessMs: orNull(Type.Integer(), 'To a minute; with `Pull`, when it last read on.'),
  WaitingCount: Type.Integer({ description: `Deliveries that wait for it; ${countedUpTo} stands for as many and more.` }),
  HeldCount: Type.Integer({ description: 'Deliveries that were held while it was not enabled and stay so until they are replayed; counted likewise.' }),
  CreatedMs: Type.Integer(),
  UpdatedMs: Type.Integer()
})
export type EndpointView = Static<typeof EndpointView>

export const EndpointList = Type.Object({ Endpoints: Type.Array(EndpointView), NextCursor: orNull(Type.String()) })

/** @throws RoomtapeError SEAL_BROKEN */
export function endpointView (row: ListedEndpoint, seal: Seal): EndpointView {
  const { userIds, labels, rooms, sdkAppIds } = row.filters
  return {
    EndpointId: row.id,
    Url: row.sealedUrl === null ? null : seal.open(row.sealedUrl, endpointUrlContext(row.id)),
    Pull: row.pull,
    Hidden: row.hidden,
    Types: row.types,
    Filters: { ...userIds && { UserIds: userIds }, ...labels && { Labels: labels }, ...rooms && { Rooms: rooms }, ...sdkAppIds && { SdkAppIds: sdkAppIds } },
    Schedule: row.schedule,
    HeaderNames: Object.keys(openEndpointHeaders(seal, row.id, row.sealedHeaders)),
    CallbackFormat: row.format,
    Enabled: row.enabled,
    DisabledMs: row.disabledMs,
    DisabledReason: row.gaveUp === null ? null : gaveUpReasons[row.gaveUp],
    BreakerOpen: row.probeDueMs !== null,
    NextProbeMs: row.probeDueMs,
    FailingSinceMs: row.failingSinceMs,
    LastSuccessMs: row.lastSuccessMs,
    WaitingCount: row.waitingCount,
    HeldCount: row.heldCount,
    CreatedMs: row.createdMs,
    UpdatedMs: row.updatedMs
  }
}
