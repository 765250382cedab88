import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { eventsSchemaJson } from '../../../docs/make-events-schema.ts'
import { eventSchemas } from '../../../src/callback/event-schemas.ts'
import { endpointDisabled, testPing, type CallbackEvent } from '../../../src/callback/events.ts'
import { recordingEnded, type EndedRecording, type RecordingEnded } from '../../../src/callback/events/recording-ended.ts'
import { recordingStarted } from '../../../src/callback/events/recording-started.ts'
import { recordingUpdated } from '../../../src/callback/events/recording-updated.ts'
import { segmentUploaded } from '../../../src/callback/events/segment-uploaded.ts'
import { trackStarted, trackStopped } from '../../../src/callback/events/track-changed.ts'
import { nextDelayMs, scheduleOf } from '../../../src/callback/schedule.ts'
import type { ScheduleName } from '../../../src/state/endpoint-options.ts'
import { templateBody } from '../../../src/callback/template.ts'
import { asEvent } from '../../helpers/events.ts'
import { noClock } from '../../helpers/no-clock.ts'

const page = readFileSync(new URL('../../../docs/callbacks.md', import.meta.url), 'utf8')

const ended: EndedRecording = {
  recording: {
    id: 'rec_1',
    tenantId: 'ten_1',
    sdkAppId: 1_400_000_001,
    roomKey: 's:room-7f3a',
    userId: 'rec_1',
    status: 'Completed',
    reason: 'RoomDismissed',
    message: '',
    generation: 1,
    nodeId: 'node_1',
    jobId: '00000000-0000-4000-8000-000000000000',
    options: { strRoomId: 'room-7f3a', subscribe: {}, policies: [], fillGaps: true, maxDurationSeconds: 1, maxIdleSeconds: 1, metadata: { Lesson: 7 } },
    sealedSecrets: '',
    stopRequestedMs: null,
    createdMs: 1,
    startedMs: 2,
    endedMs: 3,
    completedMs: 4,
    timelineFile: null,
    ...noClock,
    clockSteps: [],
    warned: []
  },
  verdict: { status: 'Completed', incomplete: false, warnings: [], message: '', skipped: [{ UserId: 'assistant_002', Cause: 'subscribe' }], skippedCount: 1, blind: [] },
  tracks: [],
  files: [{
    trackId: 'trk_1',
    part: 1,
    userId: 'anchor_001',
    label: '',
    key: 'track.m4a',
    url: 'https://bucket.example.com/track.m4a',
    bytes: 1,
    sha256: '',
    startMs: 2,
    endMs: 3,
    durationMs: 1,
    gapMs: 0,
    gaps: [],
    trims: [],
    frames: 1,
    sampleRate: 48_000,
    channels: 1,
    partial: false,
    resumed: false
  }]
}

const { recording } = ended
const track = { id: 'trk_1', userId: 'anchor_001', number: 1, label: '' }
const segment = {
  trackId: 'trk_1', seq: 2, part: 1, firstFrame: 94, frames: 94, key: 'a', url: 'b', bytes: 1, sha256: '', startMs: 2, endMs: 3, durationMs: 1, gapMs: 0, sampleRate: 48_000, channels: 1, partial: false
}
const unstored = { ...track, recordingId: 'rec_1', generation: 1, createdMs: 1, closedMs: 2, message: 'denied', spoolId: null, audioMs: 1, lostMs: null, trouble: null, troubleMessage: '' }
const warning = { Code: 'SourceAbsent', UserId: 'student_003', Label: 'strict', Message: 'no push came' }

/** One of each, as the code makes them; of what may be absent, the fullest first. */
const made: Array<CallbackEvent | ReturnType<typeof testPing>> = [
  recordingEnded(ended, 5),
  recordingEnded({ ...ended, tracks: [unstored], verdict: { ...ended.verdict, status: 'Failed', blind: [{ startMs: 3, endMs: Infinity }] } }, 5),
  segmentUploaded({ recording, track, segment, bucket: 'audio-1250000000' }, 5),
  recordingStarted({ recording, startedMs: 2, audibleMs: 1 }, 5),
  recordingUpdated({ recording, warning }, 5),
  recordingUpdated({ recording }, 5),
  trackStarted({ recording, track, startMs: 1 }, 5),
  trackStopped({ recording, track, startMs: 1, reason: 'RecordingEnded', message: '', files: ended.files }, 5),
  endpointDisabled({ endpointId: 'ep_1', url: 'https://example.com/?token=1', reason: 'failing', failingSinceMs: 1 }, 5),
  testPing(5)
]

const examples = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, json = '']) => JSON.parse(json) as typeof made[number])

/** The first cells of the table under a head. */
function firstCells (head: string): string[] {
  const table = page.slice(page.indexOf(`| ${head} |`)).split('\n\n')[0] ?? ''
  return [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) => name)
}

/** The members of an object and of those in it, in their order. */
function membersOf (value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(membersOf)
  if (value === null || typeof value !== 'object') return true
  return Object.entries(value).map(([name, member]) => [name, name === 'Metadata' ? true : membersOf(member)])
}

test('docs/events.schema.json is what the code says; run `node docs/make-events-schema.ts`', () => {
  assert.equal(readFileSync(new URL('../../../docs/events.schema.json', import.meta.url), 'utf8'), eventsSchemaJson())
})

test('every event that is made keeps to its schema, and there is one of each type', () => {
  for (const event of made) asEvent(event)

  assert.deepEqual(new Set(made.map((event) => event.Type)), new Set(eventSchemas.keys()))
})

test('every event has an example in docs/callbacks.md that keeps to its schema, with the members that the code gives it in their order', () => {
  for (const [type] of eventSchemas) {
    if (type === 'recording.failed') continue // as recording.completed
    const example = examples.find((each) => each.Type === type)

    assert.ok(example, `${type} has no example`)
    asEvent(example)
    assert.deepEqual(membersOf(example), membersOf(made.find((event) => event.Type === type)), type)
  }
})

test('the tables of docs/callbacks.md have the fields of the events, in their order', () => {
  const [end] = made as unknown as [RecordingEnded]
  const ofType = <Type extends CallbackEvent['Type']>(type: Type) => made.find((event) => event.Type === type) as Extract<CallbackEvent, { Type: Type }>
  const common = Object.keys(end).slice(0, 9)
  const own = (event: CallbackEvent) => Object.keys(event).filter((name) => !common.includes(name) && name !== 'Metadata')

  assert.deepEqual(firstCells('Field'), Object.keys(end))
  assert.deepEqual(firstCells('In `Files`'), Object.keys(end.Files[0]!))
  assert.deepEqual(firstCells('In `Segment`'), Object.keys(ofType('segment.uploaded').Segment))
  assert.deepEqual(firstCells('In `recording.started`'), own(ofType('recording.started')))
  assert.deepEqual(firstCells('In `recording.updated`'), own(ofType('recording.updated')))
  assert.deepEqual(firstCells('In `Warning`'), Object.keys(warning))
  assert.deepEqual(firstCells('In `Track`'), Object.keys(ofType('track.stopped').Track))
  assert.deepEqual(firstCells('In `Endpoint`'), Object.keys(ofType('endpoint.disabled').Endpoint))
  const listed = [...page.matchAll(/^\| \[`([a-z.]+)`\]/gm)].map(([, type = '']) => type)
  assert.deepEqual(listed.sort(), [...eventSchemas.keys()].sort())
})

test('the example for receivers of the serverless template is what they get of the end above it', () => {
  const end = examples.find((event) => event.Type === 'recording.completed')
  const example: object | undefined = (examples as object[]).find((event) => !('Type' in event))

  assert.deepEqual(example, JSON.parse(templateBody(JSON.stringify(end))))
})

test('the event of an end is what the verdict says, whatever the row of the recording does', () => {
  const warning = { Code: 'NoEvents', UserId: '', Message: 'no event of the room has come' }
  const failed = { ...ended.verdict, status: 'Failed', incomplete: true, warnings: [warning], message: warning.Message, blind: [{ startMs: 3, endMs: Infinity }] } as const
  const event = recordingEnded({ ...ended, verdict: { ...failed, warnings: [warning], blind: [...failed.blind] } }, 5)

  assert.deepEqual([event.Type, event.Message, event.Incomplete, event.Warnings, event.SkippedCount], ['recording.failed', warning.Message, true, [warning], 1])
  assert.deepEqual(event.Blind, [{ StartMs: 3, EndMs: null }])
})

test('the tables of attempts in docs/callbacks.md are the schedules', () => {
  const written = page.split('\n').filter((line) => /^\| \d+ \|/.test(line))

  assert.deepEqual(written, [...attemptsOf(scheduleOf('recording.completed')), ...attemptsOf(scheduleOf('segment.uploaded'))])
})

function attemptsOf (schedule: ScheduleName): string[] {
  const rows = ['| 1 | | |']
  let totalMs = 0
  for (let steps = 0; ; steps++) {
    const delayMs = nextDelayMs({ schedule, steps }, () => 0.5)
    if (delayMs === undefined) return rows
    totalMs += delayMs
    rows.push(`| ${steps + 2} | ${inWords(delayMs)} | ${inWords(totalMs)} |`)
  }
}

function inWords (ms: number): string {
  const seconds = ms / 1000
  const parts = [[Math.floor(seconds / 3600), 'h'], [Math.floor(seconds / 60) % 60, 'min'], [seconds % 60, 's']] as const
  return parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`).join(' ')
}
