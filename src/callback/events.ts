import { Type, type Static } from 'typebox'
import { newId } from '../core/ids.ts'
import type { GaveUp } from '../state/endpoint-options.ts'
import { headOf, unixMs } from './events/envelope.ts'
import type { RecordingEnded } from './events/recording-ended.ts'
import type { RecordingStarted } from './events/recording-started.ts'
import type { RecordingUpdated } from './events/recording-updated.ts'
import type { SegmentUploaded } from './events/segment-uploaded.ts'
import type { TrackStarted, TrackStopped } from './events/track-changed.ts'
import type { EventFacts } from './filter.ts'

/** Why an endpoint was given up, as tenants read it. */
export const gaveUpReasons = { gone: 'Gone', failing: 'Failing', blocked_target: 'BlockedTarget' } as const satisfies Record<GaveUp, string>

/** An endpoint gets nothing any more; told to the tenant's others. */
export const EndpointDisabled = Type.Object({
  ...headOf(Type.Literal('endpoint.disabled')),
  Endpoint: Type.Object({
    EndpointId: Type.String(),
    Url: Type.String({ description: 'Without its query.' }),
    Reason: Type.Enum(Object.values(gaveUpReasons), {
      description: '`Gone`: it answered 410; `Failing`: it has taken nothing for five days; `BlockedTarget`: its URL leads where callbacks may not go.'
    }),
    FailingSinceMs: unixMs('The first failure since the last success.')
  })
}, { description: "One of the tenant's endpoints gets nothing any more; told to the others." })
type EndpointDisabled = Static<typeof EndpointDisabled>

export type CallbackEvent =
  | RecordingStarted
  | RecordingUpdated
  | RecordingEnded
  | TrackStarted
  | TrackStopped
  | SegmentUploaded
  | EndpointDisabled

/** Whether it tells of the end of a recording. */
export function isEnd (event: CallbackEvent): boolean {
  return event.Type === 'recording.completed' || event.Type === 'recording.failed'
}

/** @see docs/callbacks.md */
export function endpointDisabled (
  { endpointId, url, reason, failingSinceMs }: { endpointId: string, url: string, reason: GaveUp, failingSinceMs: number }, nowMs: number
): EndpointDisabled {
  return {
    Id: newId('evt'),
    Type: 'endpoint.disabled',
    TimestampMs: nowMs,
    SchemaVersion: 1,
    Endpoint: { EndpointId: endpointId, Url: url.replace(/\?.*/, ''), Reason: gaveUpReasons[reason], FailingSinceMs: failingSinceMs }
  }
}

/** Somebody tries an endpoint; of no recording, and kept nowhere. */
export const TestPing = Type.Object(headOf(Type.Literal('test.ping')), { description: 'Somebody tries the endpoint.' })
type TestPing = Static<typeof TestPing>

/** @see docs/endpoints.md */
export function testPing (nowMs: number): TestPing {
  return { Id: newId('evt'), Type: 'test.ping', TimestampMs: nowMs, SchemaVersion: 1 }
}

/** What decides who gets it. */
export function factsOf (event: CallbackEvent): EventFacts {
  if (event.Type === 'endpoint.disabled') return { type: event.Type }
  return { type: event.Type, sdkAppId: event.SdkAppId, room: event.StrRoomId === '' ? String(event.RoomId) : event.StrRoomId, speaker: speakerOf(event) }
}

/** Whom an event of a recording speaks of, if of a single speaker. */
function speakerOf (event: Exclude<CallbackEvent, EndpointDisabled>): EventFacts['speaker'] {
  switch (event.Type) {
    case 'segment.uploaded': return { userId: event.Segment.UserId, label: event.Segment.Label }
    case 'track.started':
    case 'track.stopped': return { userId: event.Track.UserId, label: event.Track.Label }
    case 'recording.updated': {
      const { UserId = '', Label = '' } = event.Warning ?? {}
      return UserId === '' ? undefined : { userId: UserId, label: Label }
    }
    case 'recording.started':
    case 'recording.completed':
    case 'recording.failed': return undefined
    default: return event satisfies never
  }
}
