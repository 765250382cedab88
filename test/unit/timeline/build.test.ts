import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fileMsOf, roomMsOf } from '../../../examples/timeline.ts'
import { buildTimeline, type TimelineState } from '../../../src/timeline/build.ts'
import type { Timeline } from '../../../src/timeline/schema.ts'
import type { FileRow, TrackRow } from '../../../src/state/tracks.ts'
import type { SegmentRow } from '../../../src/state/segments.ts'
import { parseRoomEvent, type RoomEvent } from '../../../src/trtc/room-event.ts'
import { asTimeline } from '../../helpers/timeline.ts'

const t0 = 1_767_225_600_000
const nowMs = t0 + 100_000
type RecordingRow = TimelineState['recording']

function recording (change: Partial<RecordingRow> = {}): RecordingRow {
  return {
    id: 'rec_1',
    tenantId: 'ten_1',
    sdkAppId: 1,
    roomKey: 's:room',
    userId: 'recorder',
    status: 'Finishing',
    reason: 'RoomDismissed',
    message: '',
    generation: 1,
    nodeId: 'node_1',
    jobId: 'job',
    options: { strRoomId: 'room', subscribe: { excludeUserIds: ['excluded'] }, policies: [{ userIds: ['a*'], label: 'strict' }], fillGaps: true, maxDurationSeconds: 600, maxIdleSeconds: 60, metadata: {} },
    sealedSecrets: '',
    stopRequestedMs: null,
    createdMs: t0,
    startedMs: t0 + 1_200,
    endedMs: t0 + 60_000,
    completedMs: null,
    timelineFile: null,
    ...change
  }
}

function event (type: number, seconds: number, UserId: string, info: object = {}): RoomEvent {
  const atMs = t0 + seconds * 1_000
  const body = { RoomId: 'room', EventTs: Math.floor(atMs / 1_000), EventMsTs: atMs, UserId, ...info }
  return parseRoomEvent({ EventGroupId: Math.floor(type / 100), EventType: type, CallbackTs: atMs, EventInfo: body })
}

function track (id: string, userId: string, number = 1): TrackRow {
  return { id, recordingId: 'rec_1', userId, number, generation: number, label: '', createdMs: t0, closedMs: null, message: '', spoolId: null, audioMs: null, lostMs: null }
}

type StoredGap = FileRow['gaps'][number]

/** A file of 1024-sample frames at 48 kHz, 21⅓ ms each. */
function file (trackId: string, from: number, to: number, gaps: readonly StoredGap[] = [], change: Partial<FileRow> = {}): FileRow {
  const durationMs = Math.round((to - from) * 1_000)
  return {
    trackId,
    part: 1,
    key: `${trackId}.m4a`,
    url: `https://bucket/${trackId}.m4a`,
    bytes: 1,
    sha256: '',
    startMs: t0 + from * 1_000,
    endMs: t0 + to * 1_000,
    durationMs,
    gapMs: 0,
    gaps: [...gaps],
    trims: [],
    frames: Math.round(durationMs * 48 / 1024),
    sampleRate: 48_000,
    channels: 1,
    partial: false,
    ...change
  }
}

/** `from` and `to` are seconds of the room, `startSeconds` where its file begins. */
function gap (from: number, to: number, cause: StoredGap['cause'], startSeconds: number): StoredGap {
  return { startMs: t0 + from * 1_000, endMs: t0 + to * 1_000, cause, atFrame: Math.round((from - startSeconds) * 48_000 / 1024) }
}

function state (change: Partial<TimelineState> = {}): TimelineState {
  return { recording: recording(), tracks: [], files: [], segments: [], sources: [], pauses: [], events: [], ...change }
}

function timelineOf (change: Partial<TimelineState>): Timeline {
  return asTimeline(buildTimeline(state(change), nowMs))
}

function userOf (timeline: Timeline, userId: string): Timeline['Users'][number] {
  const user = timeline.Users.find(({ UserId }) => UserId === userId)
  assert.ok(user, `${userId} is not in the timeline`)
  return user
}

const seconds = (spans: readonly { StartMs: number, EndMs: number | null }[]): (number | null)[][] =>
  spans.map(({ StartMs, EndMs }) => [StartMs, EndMs].map((ms) => ms === null ? null : (ms - t0) / 1_000))

const anchor = { Role: 20 }
const visit = [event(103, 1, 'anna', anchor), event(203, 1, 'anna'), event(204, 20, 'anna'), event(203, 25, 'anna'), event(104, 30, 'anna', { ...anchor, Reason: 1 }),
  event(103, 40, 'anna', anchor), event(203, 40, 'anna'), event(102, 59, '')]

test('a user has stays, mutes, robots, files and what lies in them, and the label', () => {
  const gaps = [gap(10, 11, 'missing', 1), gap(20, 25, 'missing', 1), gap(30, 40, 'disconnected', 1), gap(50, 53, 'overload', 1)]
  const sources = [{ id: 'src', recordingId: 'rec_1', engine: 'relay', userId: 'anna', generation: 1, robotId: 'robot', relayStatus: null, createdMs: t0 + 1_000, stoppedMs: t0 + 30_000 }]
  const anna = userOf(timelineOf({ events: visit, tracks: [track('t', 'anna')], files: [file('t', 1, 59, gaps)], sources }), 'anna')

  assert.deepEqual(seconds(anna.Present), [[1, 30], [40, 59]])
  assert.deepEqual(anna.Present.map(({ LeaveReason }) => LeaveReason), ['normal', 'dismissed'])
  assert.deepEqual(seconds(anna.OnStage), [[1, 30], [40, 59]])
  assert.deepEqual(seconds(anna.Mutes), [[20, 25]])
  assert.equal(anna.Label, 'strict')
  assert.deepEqual(anna.Robots, [{ RobotId: 'robot', StartMs: t0 + 1_000, EndMs: t0 + 30_000 }])
  assert.deepEqual(anna.Gaps, [])
  const [stored] = anna.Tracks[0]!.Files
  assert.deepEqual(stored?.Gaps.map(({ Cause }) => Cause), ['missing', 'muted', 'left', 'overload'])
  for (const { StartMs, EndMs, FileMs, FilledMs } of stored.Gaps) {
    assert.ok(Math.abs(FileMs - (StartMs - stored.StartMs)) <= 22, 'where gaps are filled, a file\'s time is the room\'s')
    assert.equal(FilledMs, EndMs - StartMs)
  }
})

test('only who was to be recorded and on stage is in it', () => {
  const events = ['anna', 'excluded', 'recorder', 'listens'].map((userId) => event(103, 1, userId, { Role: userId === 'listens' ? 21 : 20 }))

  assert.deepEqual(timelineOf({ events, tracks: [track('t', 'unheard')] }).Users.map(({ UserId }) => UserId), ['anna', 'unheard'])
})

test('audio that came and was lost with its spool is a gap: before the files, between them, after them, or all there is', () => {
  const lost = (from: number): TrackRow => ({ ...track('lost', 'anna', 2), audioMs: t0 + from * 1_000, lostMs: t0 + 70_000 })
  const gapsOf = (from: number, ...files: FileRow[]): unknown[] => userOf(timelineOf({ tracks: [track('t', 'anna'), lost(from)], files }), 'anna').Gaps
    .map(({ StartMs, EndMs, Cause }) => [(StartMs - t0) / 1_000, (EndMs - t0) / 1_000, Cause])

  assert.deepEqual(gapsOf(5, file('t', 20, 30)), [[5, 20, 'lost']])
  assert.deepEqual(gapsOf(12, file('t', 2, 10), file('t', 20, 60, [], { part: 2 })), [[10, 20, 'lost']])
  assert.deepEqual(gapsOf(40, file('t', 2, 30)), [[40, 60, 'lost']])
  assert.deepEqual(gapsOf(7), [[7, 60, 'lost']])
})

test('between files lies a pause, a mute, an absence, or else what ended the one and began the other', () => {
  const files = [file('t', 1, 10, [], { partial: true }), file('u', 13, 20), file('u', 25, 30, [], { part: 2 }), file('v', 40, 45), file('v', 45.05, 50, [], { part: 2 }), file('v', 52, 59, [], { part: 3 })]
  const tracks = ['t', 'u', 'v'].map((id, index) => track(id, 'anna', index + 1))
  const between = userOf(timelineOf({ events: visit, tracks, files }), 'anna').Gaps
  const paused = timelineOf({ events: visit, tracks, files, pauses: [{ id: 'p', recordingId: 'rec_1', userId: null, startMs: t0 + 9_000, endMs: t0 + 12_000 }] })

  assert.deepEqual(seconds(between), [[10, 13], [20, 25], [30, 40], [50, 52]])
  assert.deepEqual(between.map(({ Cause }) => Cause), ['takeover', 'muted', 'left', 'reconnected'])
  assert.equal(userOf(paused, 'anna').Gaps[0]?.Cause, 'paused')
})

test('what goes on has no end while the recording lives, and ends with it', () => {
  const events = [event(103, 1, 'anna', anchor), event(203, 2, 'anna'), event(204, 20, 'anna')]
  const pauses = [{ id: 'p', recordingId: 'rec_1', userId: 'ben', startMs: t0 + 30_000, endMs: null }, { id: 'q', recordingId: 'rec_1', userId: null, startMs: t0 + 61_000, endMs: null }]
  const live = timelineOf({ recording: recording({ reason: null, endedMs: null }), events, pauses })
  const ended = timelineOf({ events, pauses })

  assert.deepEqual([live.EndMs, live.Reason], [null, null])
  assert.deepEqual([seconds(userOf(live, 'anna').Present), seconds(userOf(live, 'anna').Mutes)], [[[1, null]], [[1, 2], [20, null]]])
  assert.deepEqual(seconds(live.Pauses), [[30, null], [61, null]])
  assert.deepEqual([seconds(userOf(ended, 'anna').Present), seconds(userOf(ended, 'anna').Mutes)], [[[1, 60]], [[1, 2], [20, 60]]])
  assert.deepEqual(ended.Pauses, [{ UserId: 'ben', StartMs: t0 + 30_000, EndMs: t0 + 60_000 }])
})

test('a segment tells which file holds it and where, to the millisecond even after a day', () => {
  const day = { part: 1, seq: 43_200, firstFrame: 4_049_953, frames: 94, durationMs: 2_005, sampleRate: 48_000 }
  const segment: SegmentRow = { ...day, trackId: 't', key: 'k', url: 'https://bucket/k', bytes: 1, sha256: '', startMs: t0, endMs: t0 + 2_005, gapMs: 0, channels: 1, partial: false }

  const [told] = userOf(timelineOf({ tracks: [track('t', 'anna')], segments: [segment] }), 'anna').Tracks[0]!.Segments
  assert.deepEqual([told?.Seq, told?.Part, told?.FileMs], [43_200, 1, Math.round(4_049_953 * 1024 / 48)])
})

test('what was left out of a fast source has its place and length', () => {
  const trims = [{ atMs: t0 + 11_000, atFrame: 469, frames: 3 }]

  const [told] = userOf(timelineOf({ tracks: [track('t', 'anna')], files: [file('t', 1, 50, [], { trims })] }), 'anna').Tracks[0]!.Files
  assert.deepEqual(told?.Trims, [{ AtMs: t0 + 11_000, FileMs: 10_005, DurationMs: 64 }])
})

test('without filled gaps a gap has its place in the file and no length there', () => {
  const { options } = recording()
  const cut = file('t', 1, 50, [gap(20, 25, 'reconnected', 1)], { durationMs: 44_000, frames: Math.round(44_000 * 48 / 1024) })
  const timeline = timelineOf({ recording: recording({ options: { ...options, fillGaps: false } }), tracks: [track('t', 'anna')], files: [cut] })

  const [told] = userOf(timeline, 'anna').Tracks[0]!.Files[0]!.Gaps
  assert.deepEqual([told?.Cause, told?.FilledMs], ['reconnected', 0], 'of whom no event spoke, nothing more is known')
  assert.ok(Math.abs(told!.FileMs - 19_000) <= 22)
})

const eventArbitrary = fc.record({
  type: fc.constantFrom(103, 104, 105, 203, 204),
  at: fc.integer({ min: -2, max: 62 }),
  userId: fc.constantFrom('anna', 'ben'),
  info: fc.record({ Role: fc.constantFrom(20, 21), Reason: fc.constantFrom(1, 2) })
}).map(({ type, at, userId, info }) => event(type, at, userId, info))

test('events in any order, and any number of times, give the same document', () => {
  const gaps = [gap(10, 14, 'missing', 1), gap(20, 25, 'reconnected', 1), gap(30, 40, 'disconnected', 1)]
  const rows = { tracks: [track('t', 'anna'), track('u', 'ben')], files: [file('t', 1, 55, gaps), file('u', 1, 55, gaps)] }
  const disordered = fc.array(eventArbitrary, { minLength: 1, maxLength: 15 })
    .chain((events) => fc.tuple(fc.constant(events), fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 })))

  fc.assert(fc.property(disordered, ([events, disorder]) => {
    assert.deepEqual(timelineOf({ ...rows, events: disorder }), timelineOf({ ...rows, events }))
  }), { numRuns: 300 })
})

test('file time and room time lead to each other by the page\'s formula, to a frame, with gaps filled or cut out', () => {
  const lengths = fc.array(fc.record({ talk: fc.integer({ min: 1, max: 200 }), silence: fc.integer({ min: 2, max: 200 }) }), { maxLength: 8 })
  const frame = 1024 / 48

  fc.assert(fc.property(lengths, fc.boolean(), fc.double({ min: 0, max: 1, noNaN: true }), (pieces, fillGaps, where) => {
    // Written as a track part does: frame by frame, a gap as whole frames of silence or as a cut.
    const places: number[] = []
    const gaps: StoredGap[] = []
    let roomMs = t0
    for (const { talk, silence } of [...pieces, { talk: 10, silence: 0 }]) {
      for (let n = 0; n < talk; n++) places.push(roomMs + n * frame)
      const startMs = roomMs + talk * frame
      roomMs = startMs + silence * frame
      if (silence > 0) gaps.push({ startMs: Math.round(startMs), endMs: Math.round(roomMs), cause: 'missing', atFrame: places.length })
      if (fillGaps) for (let n = 0; n < silence; n++) places.push(startMs + n * frame)
    }
    const written = file('t', 0, 1, gaps, { frames: places.length, durationMs: Math.round(places.length * frame), endMs: Math.round(roomMs) })
    const options = { ...recording().options, fillGaps }
    const [told] = userOf(timelineOf({ recording: recording({ options }), tracks: [track('t', 'anna')], files: [written] }), 'anna').Tracks[0]!.Files

    const index = Math.floor(where * (places.length - 1))
    const inFrame = (index + 0.5) * frame
    const inRoom = places[index]! + 0.5 * frame
    assert.ok(Math.abs(roomMsOf(told!, inFrame) - inRoom) <= frame, `${roomMsOf(told!, inFrame)} for ${inRoom}`)
    assert.ok(Math.abs(fileMsOf(told!, inRoom)! - inFrame) <= frame)
  }), { numRuns: 300 })
})
