import { EndpointDisabled, TestPing, type CallbackEvent } from './events.ts'
import { RecordingEnded } from './events/recording-ended.ts'
import { RecordingStarted } from './events/recording-started.ts'
import { RecordingUpdated } from './events/recording-updated.ts'
import { SegmentUploaded } from './events/segment-uploaded.ts'
import { TrackStarted, TrackStopped } from './events/track-changed.ts'

interface EventSchema { type: string, properties: object, description?: string }

const schemas: Record<CallbackEvent['Type'] | 'test.ping', EventSchema> = {
  'recording.started': RecordingStarted,
  'recording.updated': RecordingUpdated,
  'recording.completed': RecordingEnded,
  'recording.failed': { ...RecordingEnded, description: 'A recording has ended, and nothing of it is stored though somebody was to be heard.' },
  'track.started': TrackStarted,
  'track.stopped': TrackStopped,
  'segment.uploaded': SegmentUploaded,
  'endpoint.disabled': EndpointDisabled,
  'test.ping': TestPing
}

/** The schema of each type of event, of that type alone. @see docs/events.schema.json */
export const eventSchemas = new Map<string, EventSchema>(Object.entries(schemas).map(([type, { properties, ...schema }]) =>
  [type, { ...schema, properties: { ...properties, Type: { const: type } } }]))
