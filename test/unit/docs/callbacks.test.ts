import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { recordingEnded, type EndedRecording } from '../../../src/callback/events/recording-ended.ts'
import { segmentUploaded } from '../../../src/callback/events/segment-uploaded.ts'
import { nextDelayMs, scheduleOf } from '../../../src/callback/schedule.ts'
import type { ScheduleName } from '../../../src/state/endpoint-options.ts'
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

/** The first cells of the table under a head. */
function firstCells (head: string): string[] {
  const table = page.slice(page.indexOf(`| ${head} |`)).split('\n\n')[0] ?? ''
  return [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) => name)
}

test('the example and the tables of docs/callbacks.md have the fields of the event, in its order', () => {
  const event = recordingEnded(ended, 5)
  const example = JSON.parse(/```json\n(.*?)```/s.exec(page)?.[1] ?? '') as typeof event

  assert.deepEqual(Object.keys(example), Object.keys(event))
  assert.deepEqual(Object.keys(example.Files[0]!), Object.keys(event.Files[0]!))
  assert.deepEqual(example.Skipped, event.Skipped)
  assert.deepEqual(firstCells('Field'), Object.keys(event))
  assert.deepEqual(firstCells('In `Files`'), Object.keys(event.Files[0]!))
})

test('the event of an end is what the verdict says, whatever the row of the recording does', () => {
  const warning = { Code: 'NoEvents', UserId: '', Message: 'no event of the room has come' }
  const failed = { ...ended.verdict, status: 'Failed', incomplete: true, warnings: [warning], message: warning.Message, blind: [{ startMs: 3, endMs: Infinity }] } as const
  const event = recordingEnded({ ...ended, verdict: { ...failed, warnings: [warning], blind: [...failed.blind] } }, 5)

  assert.deepEqual([event.Type, event.Message, event.Incomplete, event.Warnings, event.SkippedCount], ['recording.failed', warning.Message, true, [warning], 1])
  assert.deepEqual(event.Blind, [{ StartMs: 3, EndMs: null }])
})

test('the example and the table of a segment in docs/callbacks.md have the fields of its event, in its order', () => {
  const { recording } = ended
  const event = segmentUploaded({
    recording,
    track: { id: 'trk_1', userId: 'anchor_001', label: '' },
    segment: {
      trackId: 'trk_1', seq: 2, part: 1, firstFrame: 94, frames: 94, key: 'a', url: 'b', bytes: 1, sha256: '', startMs: 2, endMs: 3, durationMs: 1, gapMs: 0, sampleRate: 48_000, channels: 1, partial: false
    },
    bucket: 'audio-1250000000'
  }, 5)
  const example = JSON.parse([...page.matchAll(/```json\n(.*?)```/gs)][1]?.[1] ?? '') as typeof event

  assert.deepEqual(Object.keys(example), Object.keys(event))
  assert.deepEqual(Object.keys(example.Segment), Object.keys(event.Segment))
  assert.deepEqual(firstCells('In `Segment`'), Object.keys(event.Segment))
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
