import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fileMsOf, roomMsOf } from '../../../examples/timeline.ts'
import { buildTimeline } from '../../../src/timeline/build.ts'
import type { Timeline } from '../../../src/timeline/schema.ts'
import type { TimelineState } from '../../../src/timeline/state.ts'
import type { FileRow, TrackRow } from '../../../src/state/tracks.ts'
import type { SegmentRow } from '../../../src/state/segments.ts'
import { absence, event, file, gap, pause, recording, running, source, state, t0, talk, track, type StoredGap } from '../../helpers/recorded.ts'
import { asTimeline } from '../../helpers/timeline.ts'

const nowMs = t0 + 100_000

function timelineOf (change: Partial<TimelineState>): Timeline {
  return asTimeline(buildTimeline(state(change), { nowMs }))
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
  const sources = [source('src', 'anna', 1, { robotId: 'robot', stoppedMs: t0 + 30_000, outcome: 'stopped' })]
  const anna = userOf(timelineOf({ events: visit, tracks: [track('t', 'anna')], files: [file('t', 1, 59, gaps)], sources }), 'anna')

  assert.deepEqual(seconds(anna.Present), [[1, 30], [40, 59]])
  assert.deepEqual(anna.Present.map(({ LeaveReason }) => LeaveReason), ['normal', 'dismissed'])
  assert.deepEqual(seconds(anna.OnStage), [[1, 30], [40, 59]])
  assert.deepEqual(seconds(anna.Mutes), [[20, 25]])
  assert.equal(anna.Label, 'strict')
  assert.deepEqual(anna.Robots, [{ RobotId: 'robot', StartMs: t0 + 1_000, EndMs: t0 + 30_000, Outcome: 'stopped' }])
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
  const lost = (from: number): TrackRow => ({ ...track('lost', 'anna', { number: 2 }), audioMs: t0 + from * 1_000, lostMs: t0 + 70_000 })
  const gapsOf = (from: number, ...files: FileRow[]): unknown[] => userOf(timelineOf({ tracks: [track('t', 'anna'), lost(from)], files }), 'anna').Gaps
    .map(({ StartMs, EndMs, Cause }) => [(StartMs - t0) / 1_000, (EndMs - t0) / 1_000, Cause])

  assert.deepEqual(gapsOf(5, file('t', 20, 30)), [[5, 20, 'lost']])
  assert.deepEqual(gapsOf(12, file('t', 2, 10), file('t', 20, 60, [], { part: 2 })), [[10, 20, 'lost']])
  assert.deepEqual(gapsOf(40, file('t', 2, 30)), [[40, 60, 'lost']])
  assert.deepEqual(gapsOf(7), [[7, 60, 'lost']])
})

test('between files lies a pause, a mute, an absence, or else what ended the one and began the other', () => {
  const files = [file('t', 1, 10, [], { partial: true }), file('u', 13, 20), file('u', 25, 30, [], { part: 2 }), file('v', 40, 45), file('v', 45.05, 50, [], { part: 2 }), file('v', 52, 59, [], { part: 3 })]
  const tracks = ['t', 'u', 'v'].map((id, index) => track(id, 'anna', { number: index + 1 }))
  const between = userOf(timelineOf({ events: visit, tracks, files }), 'anna').Gaps
  const paused = timelineOf({ events: visit, tracks, files, pauses: [pause(9, 12)] })

  assert.deepEqual(seconds(between), [[10, 13], [20, 25], [30, 40], [50, 52]])
  assert.deepEqual(between.map(({ Cause }) => Cause), ['away', 'muted', 'left', 'reconnected'])
  assert.equal(userOf(paused, 'anna').Gaps[0]?.Cause, 'paused')
})

test('what goes on has no end while the recording lives, and ends with it', () => {
  const events = [event(103, 1, 'anna', anchor), event(203, 2, 'anna'), event(204, 20, 'anna')]
  const pauses = [pause(30, null, 'ben'), pause(61, null)]
  const live = timelineOf({ recording: running, events, pauses })
  const ended = timelineOf({ events, pauses })

  assert.deepEqual([live.EndMs, live.Reason], [null, null])
  assert.deepEqual([seconds(userOf(live, 'anna').Present), seconds(userOf(live, 'anna').Mutes)], [[[1, null]], [[1, 2], [20, null]]])
  assert.deepEqual(seconds(live.Pauses), [[30, null], [61, null]])
  assert.deepEqual([seconds(userOf(ended, 'anna').Present), seconds(userOf(ended, 'anna').Mutes)], [[[1, 60]], [[1, 2], [20, 60]]])
  assert.deepEqual(ended.Pauses, [{ UserId: 'ben', StartMs: t0 + 30_000, EndMs: t0 + 60_000 }])
})

const gapsOfAnna = (change: Partial<TimelineState>): unknown[] => userOf(timelineOf(change), 'anna').Gaps
  .map(({ StartMs, EndMs, Cause }) => [(StartMs - t0) / 1_000, (EndMs - t0) / 1_000, Cause])

test('a file that goes on after the gateway was not there follows a gap `away`, unless the user was muted, gone, paused or his audio lost', () => {
  const files = (second: number) => [file('t', 1, 10), file('t', second, 55, [], { part: 2, resumed: true })]
  const of = (second: number, change: Partial<TimelineState> = {}) => gapsOfAnna({ events: talk('anna', 0, 55), tracks: [track('t', 'anna')], files: files(second), ...change })

  assert.deepEqual(of(30), [[10, 30, 'away']])
  assert.deepEqual(of(30, { absences: [absence(11.5, 28, 'away')] }), [[10, 30, 'away']], 'what the row says of the absence is a part of it')
  assert.deepEqual(of(30, { pauses: [pause(10, 30)] }), [[10, 30, 'paused']])
  assert.deepEqual(of(30, { events: [...talk('anna', 0, 55), event(204, 10, 'anna'), event(203, 29, 'anna')] }), [[10, 30, 'muted']])
  assert.deepEqual(of(30, { events: [...talk('anna', 0, 10), ...talk('anna', 30)] }), [[10, 30, 'left']])
  assert.deepEqual(of(30, { tracks: [track('t', 'anna'), track('u', 'anna', { number: 2, audioMs: t0 + 12_000, lostMs: t0 })] }), [[10, 30, 'lost']])
})

test('time in which nobody could record a user who was to be heard is a gap before, between, after and without files, with its cause', () => {
  const tracks = [track('t', 'anna')]
  const events = talk('anna', 2, 58)
  const absences = [absence(0, 8, 'away'), absence(22, 28, 'database'), absence(50, 59, 'disk', 'anna')]
  const files = [file('t', 9, 20), file('t', 30, 50, [], { part: 2 })]

  assert.deepEqual(gapsOfAnna({ tracks, events, absences, files }), [[2, 8, 'away'], [20, 22, 'reconnected'], [22, 28, 'database'], [28, 30, 'reconnected'], [50, 58, 'disk']])
  assert.deepEqual(gapsOfAnna({ events, absences }), [[2, 8, 'away'], [22, 28, 'database'], [50, 58, 'disk']], 'also of whom nothing is stored')
  assert.deepEqual(gapsOfAnna({ events, absences: [absence(5, 9, 'disk', 'ben')] }), [], 'another\'s absence is not his')
  assert.deepEqual(gapsOfAnna({ events, absences: [absence(5, 9, 'events')] }), [], 'whoever is recorded is so without events too')
  assert.deepEqual(gapsOfAnna({ events: [...events, event(204, 4, 'anna')], absences }), [[2, 4, 'away']])
  assert.deepEqual(gapsOfAnna({ events, absences, pauses: [pause(0, 25)] }), [[50, 58, 'disk']], 'what arrives soon after a pause is left out too')
  assert.deepEqual(gapsOfAnna({ events, absences, tracks: [track('t', 'anna', { closedMs: null })] }), [], 'what an open track holds is not known')
})

test('a pause counts until what was said in it has arrived, and is shown as it was asked for', () => {
  const between = (resumeHoldMs: number) => timelineOf({
    events: talk('anna', 0), tracks: [track('t', 'anna')], files: [file('t', 1, 10), file('t', 14, 55, [], { part: 2 })], pauses: [pause(10, 11.5)], resumeHoldMs
  })

  assert.deepEqual([3_000, 0].map((holdMs) => userOf(between(holdMs), 'anna').Gaps[0]?.Cause), ['paused', 'reconnected'])
  assert.deepEqual(seconds(between(3_000).Pauses), [[10, 11.5]])
})

test('a stay of somebody in doubt ends with what was last heard of him, and what is missing after it is `unconfirmed`, not `left`', () => {
  const tracks = [track('t', 'anna')]
  const files = [file('t', 1, 50, [gap(30, 48, 'missing', 1)]), file('t', 56, 58, [], { part: 2 })]
  const doubts = [{ userId: 'anna', heardMs: t0 + 1_000 }]
  const sources = [source('s', 'anna', 0, { firstAudioMs: t0 + 1_000, lastFrameMs: t0 + 30_000, pushEndedMs: t0 + 30_000 })]
  const anna = userOf(timelineOf({ events: talk('anna', 0), tracks, files, doubts, sources }), 'anna')
  const sure = userOf(timelineOf({ events: talk('anna', 0, 40), tracks, files, doubts, sources }), 'anna')
  const live = userOf(timelineOf({ recording: running, events: talk('anna', 0), doubts, sources: [{ ...sources[0]!, pushEndedMs: null }] }), 'anna')

  assert.deepEqual(anna.Present, [{ StartMs: t0, EndMs: t0 + 30_000, LeaveReason: 'unconfirmed' }])
  assert.deepEqual(seconds(anna.OnStage), [[0, 30]])
  assert.deepEqual([anna.Tracks[0]?.Files[0]?.Gaps[0]?.Cause, anna.Gaps[0]?.Cause], ['unconfirmed', 'unconfirmed'])
  assert.deepEqual(sure.Present.map(({ LeaveReason }) => LeaveReason), ['normal'], 'an event said when he left')
  assert.deepEqual(seconds(live.Present), [[0, null]], 'he is being heard')
})

test('a gap of a source that was let go has the cause of the absence in which no other could be asked for', () => {
  const files = [file('t', 1, 50, [gap(10, 20, 'disconnected', 1), gap(30, 34, 'reconnected', 1)])]
  const anna = userOf(timelineOf({ events: talk('anna', 0), tracks: [track('t', 'anna')], files, absences: [absence(9, 40, 'database')] }), 'anna')

  assert.deepEqual(anna.Tracks[0]?.Files[0]?.Gaps.map(({ Cause }) => Cause), ['database', 'reconnected'])
})

test('a robot tells how its task ended, that it runs, or that nobody can stop it', () => {
  const sources = [source('a', 'anna', 1), source('b', 'anna', 2, { stopAskedMs: t0 + 9_000, taskId: null }), source('c', 'anna', 3, { stopAskedMs: t0, outcome: 'noSuchTask' })]
  const { Robots } = userOf(timelineOf({ events: talk('anna', 0), sources }), 'anna')

  assert.deepEqual(Robots.map(({ RobotId, Outcome }) => [RobotId, Outcome]), [['robot-a', null], ['robot-b', 'orphan'], ['robot-c', 'noSuchTask']])
})

test('absences in which nobody heard the room are blind time, joined; short ones, those of users and those of the database are not', () => {
  const absences = [absence(5, 9, 'away'), absence(8, 12, 'events'), absence(14, 19, 'database'), absence(20, 21.5, 'away'), absence(30, 40, 'disk', 'anna'), absence(55, 65, 'away')]

  assert.deepEqual(seconds(timelineOf({ absences }).Blind), [[5, 12], [55, 60]])
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
