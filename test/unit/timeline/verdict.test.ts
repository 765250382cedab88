import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { seenOf } from '../../../src/timeline/seen.ts'
import type { SourceWithTask } from '../../../src/state/sources.ts'
import type { TimelineState } from '../../../src/timeline/state.ts'
import { verdict, type Verdict } from '../../../src/timeline/verdict.ts'
import { lengthOf } from '../../../src/core/spans.ts'
import { absence, at, event, file, gap, pause, recording, running, source, state, talk, track } from '../../helpers/recorded.ts'

const nowMs = at(100)
const anchor = { Role: 20 }

function of (change: Partial<TimelineState>, atMs = nowMs): Verdict {
  return verdict(state(change), atMs)
}

const codes = ({ warnings }: Verdict): string[] => warnings.map(({ Code, UserId }) => UserId === '' ? Code : `${Code} ${UserId}`)

/** Status, whether audio is missing, and what is warned of. */
const told = (change: Partial<TimelineState>): unknown[] => {
  const given = of(change)
  assert.equal(given.message, given.warnings[0]?.Message ?? '')
  return [given.status, given.incomplete, codes(given)]
}

/** A recording of one user, of whom a file holds everything. */
const whole = { events: talk('anna', 1, 59), tracks: [track('t', 'anna')], files: [file('t', 1, 59)] }
/** The same user, of whom nothing is stored. */
const unheard = { events: talk('anna', 1, 59) }
const muted = { events: [event(103, 1, 'anna', anchor), event(104, 59, 'anna', { ...anchor, Reason: 1 })] }

test('a stored file completes a recording, and one that holds everything leaves nothing to say', () => {
  assert.deepEqual(told(whole), ['Completed', false, []])
  assert.deepEqual(told({ ...whole, events: [...whole.events, ...talk('ben', 2, 50)] }), ['Completed', true, ['SpeakerUnheard ben']], 'one file is enough')
})

test('without a file a recording is complete if the room told who was there, and nobody was to be heard', () => {
  assert.deepEqual(told({}), ['Completed', false, []])
  assert.deepEqual(told(muted), ['Completed', false, []])
  assert.deepEqual(told({ events: [event(103, 1, 'anna', { Role: 21 })] }), ['Completed', false, []])
  assert.deepEqual(told({ ...unheard, pauses: [pause(0, null)] }), ['Completed', false, []], 'stopped during its pause')
  assert.deepEqual(told({ events: talk('anna', 1, 12), pauses: [pause(0, 10, 'anna')] }), ['Completed', false, []], 'what arrives soon after a pause was said in it')
})

test('without a file and without an event a recording has failed', () => {
  assert.deepEqual(told({ isTold: false }), ['Failed', false, ['NoEvents']])
  assert.deepEqual(told({ isTold: false, robots: ['roomtape-NMh062z4vLnQ4exSU2FOJDu'] }), ['Failed', false, ['NoEvents']])
})

test('without a file a recording has failed if somebody was to be heard', () => {
  assert.deepEqual(told(unheard), ['Failed', true, ['SpeakerUnheard anna']])
  assert.deepEqual(told({ ...unheard, pauses: [pause(0, 50)] }), ['Failed', true, ['SpeakerUnheard anna']], 'after the pause')
  assert.deepEqual(told({ ...unheard, pauses: [pause(0, null, 'ben')] }), ['Failed', true, ['SpeakerUnheard anna']], 'another was paused')
})

test('without a file a recording has failed if a source of somebody who was only muted came to nothing', () => {
  assert.deepEqual(told({ ...muted, sources: [source('s', 'anna', 1, { trouble: 'StartRefused' })] }), ['Failed', false, ['StartRefused anna']])
  assert.deepEqual(told({ ...muted, sources: [source('s', 'anna', 1, { absentMs: at(20), trouble: 'SourceAbsent' })] }), ['Failed', false, ['SourceAbsent anna']])
  assert.deepEqual(told({ ...muted, pauses: [pause(0, null)], sources: [source('s', 'anna', 1, { trouble: 'StartRefused' })] })[0], 'Completed', 'paused time does not count')
  assert.deepEqual(told({ ...muted, sources: [source('s', 'excluded', 1, { trouble: 'StartRefused' })] }), ['Completed', false, []])
})

test('everybody skipped is a complete recording that says so', () => {
  const expected = { subscribe: ['excluded'], recorder: ['recorder'] }
  for (const [Cause, [UserId = '']] of Object.entries(expected)) {
    const given = of({ events: talk(UserId, 1, 50) })
    assert.deepEqual([given.status, given.incomplete, codes(given), given.skipped], ['Completed', false, ['EverybodySkipped'], [{ UserId, Cause }]])
  }
})

test('whoever was on stage and is not recorded is listed, up to 200, and all are counted', () => {
  const robots = ['roomtape-NMh062z4vLnQ4exSU2FOJDu', 'roomtape-NMh062z4vLnQ4exSU2FOJDu']
  const { options } = recording()
  const everyone = Array.from({ length: 205 }, (_, n) => `user-${String(n).padStart(3, '0')}`)
  const few = of({ ...whole, events: [...whole.events, ...talk('recorder', 1, 2), ...talk('excluded', 1, 2), event(103, 3, 'listens', { Role: 21 })], robots })
  const many = of({
    recording: recording({ options: { ...options, subscribe: { userIds: ['anna'] } } }), ...whole, events: [...whole.events, ...everyone.flatMap((userId) => talk(userId, 1, 5))]
  })

  assert.deepEqual(few.skipped.map(({ UserId, Cause }) => `${UserId} ${Cause}`), ['excluded subscribe', 'recorder recorder', `${robots[0]} robot`])
  assert.equal(few.skippedCount, 3)
  assert.deepEqual([many.skipped.length, many.skipped.at(-1)?.UserId, many.skippedCount, codes(many)], [200, 'user-199', 205, []])
})

test('a file that is not stored and a spool that is lost leave a recording incomplete, with or without another file', () => {
  const refused = track('u', 'ben', { message: "bucket 'b' refused the file" })
  const lost = track('u', 'ben', { message: 'the audio is in spool spl_1, which did not come back', audioMs: at(5), lostMs: at(70) })

  assert.deepEqual(told({ ...whole, tracks: [...whole.tracks, refused] }), ['Completed', true, ['FileNotStored ben']])
  assert.deepEqual(told({ ...whole, tracks: [...whole.tracks, lost] }), ['Completed', true, ['AudioLost ben']])
  assert.deepEqual(told({ tracks: [refused] }), ['Failed', true, ['FileNotStored ben']])
  assert.deepEqual(told({ tracks: [lost] }), ['Failed', true, ['AudioLost ben']])
  assert.equal(of({ tracks: [refused] }).message, refused.message)
})

const faults = {
  StartRefused: { trouble: 'StartRefused' },
  StartFailed: { trouble: 'StartFailed' },
  StartUnanswered: { trouble: 'StartUnanswered' },
  SourceAbsent: { absentMs: at(20) },
  RelayFailed: { failedMs: at(20) },
  CodecRefused: { trouble: 'CodecRefused', firstAudioMs: at(3) },
  ConfigurationMissing: { trouble: 'ConfigurationMissing', firstAudioMs: at(3) }
} as const

test('a source that was refused, failed or absent while its user was to be heard leaves a recording incomplete, also when another brought audio later', () => {
  for (const [code, change] of Object.entries(faults)) {
    const bad = source('bad', 'anna', 2, { ...change, troubleMessage: 'as it was' })
    const later = { ...whole, files: [file('t', 30, 59)], sources: [bad, source('good', 'anna', 25, { firstAudioMs: at(30) })] }

    assert.deepEqual(told({ ...unheard, sources: [bad] }), ['Failed', true, [`${code} anna`, 'SpeakerUnheard anna']], code)
    assert.deepEqual(told(later), ['Completed', true, [`${code} anna`]], code)
    assert.equal(of(later).message, 'as it was')
    assert.deepEqual(told({ ...later, pauses: [pause(0, 30)] }), ['Completed', false, []], `${code} of somebody who was paused`)
    const silent = [event(103, 1, 'anna', anchor), event(203, 30, 'anna'), event(104, 59, 'anna', anchor)]
    assert.deepEqual(told({ ...later, events: silent }), ['Completed', false, []], `${code} of somebody who was muted`)
    const gone = [...talk('anna', 0, 1.5), ...talk('anna', 30, 59)]
    assert.equal(of({ ...later, events: gone, sources: later.sources.map((each) => ({ ...each, createdMs: at(1.6) })) }).incomplete, false, `${code} of somebody who had left`)
    assert.deepEqual(told({ ...whole, events: [...whole.events, ...talk('excluded', 1, 50)], sources: [source('x', 'excluded', 2, change)] }), ['Completed', false, []], code)
  }
})

test('what brought audio though its start went unanswered counts for nothing; nor does one asked for beside another that was heard', () => {
  for (const trouble of ['StartUnanswered', 'StartFailed'] as const) {
    assert.deepEqual(told({ ...whole, files: [file('t', 2, 59)], sources: [source('s', 'anna', 1, { trouble, firstAudioMs: at(2) })] }), ['Completed', false, []])
  }
  for (const change of [{ trouble: 'StartUnanswered' }, { absentMs: at(30) }] as const) {
    const both = [source('old', 'anna', 1, { firstAudioMs: at(1), lastFrameMs: at(59) }), source('new', 'anna', 12, change)]
    assert.equal(of({ ...whole, sources: both }).incomplete, false)
  }
})

test('a source whose start went unanswered since the gateway died counts as one that went unanswered; one that was let go does not', () => {
  const taken = recording({ generation: 2 })
  const later = (change: Partial<SourceWithTask>): unknown[] => told({
    recording: taken,
    ...whole,
    files: [file('t', 30, 59)],
    sources: [source('bad', 'anna', 2, { taskId: null, stopAskedMs: at(26), ...change }), source('good', 'anna', 25, { firstAudioMs: at(30), generation: 2 })]
  })

  assert.deepEqual(later({ generation: 1 }), ['Completed', true, ['StartUnanswered anna', 'RelayOrphan anna']])
  assert.deepEqual(later({ generation: 2 }), ['Completed', false, ['RelayOrphan anna']])
})

test('a relay that gave up after it had brought audio counts from its last frame on', () => {
  const relay = source('s', 'anna', 1, { firstAudioMs: at(1), lastFrameMs: at(40), pushEndedMs: at(40), failedMs: at(50) })

  assert.deepEqual(told({ ...whole, files: [file('t', 1, 40)], sources: [relay] }), ['Completed', true, ['RelayFailed anna']])
  assert.deepEqual(told({ ...whole, events: talk('anna', 1, 40), files: [file('t', 1, 40)], sources: [relay] })[1], false, 'he had left')
})

test('more than a second lost by our own doing, in all, leaves a recording incomplete; a second does not', () => {
  const two = (first: number, second: number) => ({
    events: [...talk('anna', 1, 59), ...talk('ben', 1, 59)],
    tracks: [track('t', 'anna'), track('u', 'ben')],
    files: [file('t', 1, 59, [gap(10, 10 + first, 'overload', 1)]), file('u', 1, 59, [gap(20, 20 + second, 'overload', 1)])]
  })

  assert.deepEqual(told(two(0.6, 0.6)), ['Completed', true, ['AudioMissing anna', 'AudioMissing ben']])
  assert.deepEqual(told(two(1.2, 0)), ['Completed', true, ['AudioMissing anna']])
  assert.deepEqual(told(two(0.5, 0.5)), ['Completed', false, []])
})

test('a restart, a disk and a database that was away count where the user was to be heard and no file holds it', () => {
  const resumed = (second: number) => ({ ...whole, files: [file('t', 1, 10, [], { partial: true }), file('t', second, 59, [], { part: 2, resumed: true })] })
  const silent = { pauses: [pause(9, 30)], sources: [] }

  assert.deepEqual(told(resumed(10.9)), ['Completed', false, []], 'up to a second is told by `Partial` alone')
  assert.deepEqual(told(resumed(14)), ['Completed', true, ['AudioMissing anna']])
  assert.match(of(resumed(14)).message, /'anna' was lost by the gateway: 4\.0 s \(away\)/)
  assert.deepEqual(told({ ...resumed(30), ...silent }), ['Completed', false, []], 'during a pause')
  assert.deepEqual(told({ ...resumed(14), events: [...talk('anna', 1, 59), event(204, 10, 'anna'), event(203, 13.5, 'anna')] }), ['Completed', false, []], 'during a mute')
  for (const cause of ['disk', 'database', 'away'] as const) {
    const holes = { ...whole, files: [file('t', 5, 50)] }
    assert.deepEqual(told({ ...holes, absences: [absence(0, 4, cause)] }), ['Completed', true, ['AudioMissing anna']], `${cause} before the files`)
    assert.deepEqual(told({ ...holes, absences: [absence(50, 70, cause, 'anna')] }), ['Completed', true, ['AudioMissing anna']], `${cause} after the files`)
    assert.deepEqual(told({ ...holes, absences: [absence(10, 40, cause)] }), ['Completed', false, []], `${cause} while a file went on`)
    assert.deepEqual(told({ ...holes, absences: [absence(50, 70, cause, 'ben')] }), ['Completed', false, []], `${cause} of another`)
  }
})

test('a single absence of more than 50 s leaves a recording incomplete, two shorter ones do not', () => {
  const long = { ...whole, recording: recording({ endedMs: at(200) }), events: talk('anna', 1), files: [file('t', 1, 200)] }
  const blind = (...absences: TimelineState['absences']) => ({ ...long, absences })

  assert.deepEqual(told(blind(absence(10, 61, 'away'))), ['Completed', true, ['Blind']])
  assert.deepEqual(told(blind(absence(10, 40, 'away'), absence(39, 61, 'events'))), ['Completed', true, ['Blind']], 'one that is told by two rows')
  assert.deepEqual(told(blind(absence(10, 61, 'database'))), ['Completed', false, []], 'what was told meanwhile is known')
  assert.deepEqual(told(blind(absence(10, 60, 'away'), absence(70, 119, 'away'))), ['Completed', false, []])
  assert.deepEqual(of(blind(absence(10, 60, 'away'))).blind, [{ startMs: at(10), endMs: at(60) }])
})

test('while a recording runs it says within seconds what it waits for', () => {
  const waits = (change: object, atSeconds: number, events = talk('anna', 1)): string[] =>
    codes(of({ recording: running, events, sources: [source('s', 'anna', 2, change)] }, at(atSeconds)))
  const quiet = [event(103, 1, 'anna', anchor)]

  assert.deepEqual([waits({}, 4.9), waits({}, 5)], [[], ['SourceWaiting anna']], 'announced by 203')
  assert.deepEqual([waits({ toldMs: at(10) }, 12.9, quiet), waits({ toldMs: at(10) }, 13, quiet)], [[], ['SourceWaiting anna']], 'announced by TRTC')
  assert.deepEqual(waits({}, 50, quiet), [], 'not announced')
  assert.deepEqual(waits({ pushedMs: at(4) }, 20), [])
  assert.deepEqual(waits({ absentMs: at(17) }, 20), ['SourceAbsent anna'])
  assert.deepEqual(waits({ trouble: 'StartRefused' }, 20), ['StartRefused anna'])
  assert.deepEqual(codes(of({ recording: running, events: talk('anna', 1), pauses: [pause(0, null)], sources: [source('s', 'anna', 2)] }, at(20))), [])
})

test('while a recording runs nobody is called unheard, an answer may still come, and the room may be empty yet', () => {
  const lives = { recording: running, events: talk('anna', 1), tracks: [track('t', 'anna', { closedMs: null })] }
  const unanswered = { ...lives, sources: [source('s', 'anna', 2, { trouble: 'StartUnanswered' })] }

  assert.deepEqual([of(unanswered, at(20)).incomplete, codes(of(unanswered, at(20)))], [false, ['StartUnanswered anna']])
  assert.equal(of({ ...lives, sources: [source('s', 'anna', 2, { trouble: 'StartUnanswered', stopAskedMs: at(15) })] }, at(20)).incomplete, true)
  assert.deepEqual([5, 10].map((seconds) => codes(of({ recording: running, isTold: false }, at(seconds)))), [[], ['NoEvents']])
  assert.equal(of({ ...lives, absences: [absence(5, 15, 'away')] }, at(20)).incomplete, false, 'what an open track holds is not known yet')
})

test('what is in the way of an open track is told; of a closed one only when it cost audio', () => {
  const trouble = (of: string, change: object) => track('t', 'anna', { trouble: of as 'DiskFailed', ...change })

  for (const code of ['CaptureFull', 'DiskFailed', 'ThreadFailed', 'UploadDelayed']) {
    assert.deepEqual(codes(of({ recording: running, events: talk('anna', 1), tracks: [trouble(code, { closedMs: null })] })), [`${code} anna`])
    assert.deepEqual(codes(of({ ...whole, tracks: [trouble(code, {})] })), [])
  }
  assert.deepEqual(told({ ...unheard, tracks: [trouble('CaptureFull', {})] }), ['Failed', true, ['CaptureFull anna', 'SpeakerUnheard anna']])
})

test('a fault that is over and cost nothing is not told any more', () => {
  const events = [event(103, 1, 'anna', anchor), event(203, 30, 'anna'), event(104, 59, 'anna', anchor)]
  const sources = [source('bad', 'anna', 2, { trouble: 'StartRefused' }), source('good', 'anna', 5, { firstAudioMs: at(30) })]

  assert.deepEqual(told({ ...whole, events, files: [file('t', 30, 59)], sources }), ['Completed', false, []])
  assert.deepEqual(codes(of({ recording: running, events, sources: [sources[0]!] }, at(20))), ['StartRefused anna'], 'it was told while it lasted')
})

test('a member in doubt and a relay that nobody can stop are told, and are no loss', () => {
  const doubted = { ...whole, events: talk('anna', 1), doubts: [{ userId: 'anna', heardMs: at(59) }] }

  assert.deepEqual(told(doubted), ['Completed', false, ['MemberUnconfirmed anna']])
  assert.deepEqual(told({ ...doubted, events: talk('anna', 1, 40) }), ['Completed', false, []])
  assert.deepEqual(told({ ...whole, sources: [source('s', 'anna', 1, { firstAudioMs: at(1), stopAskedMs: at(59), taskId: null })] }), ['Completed', false, ['RelayOrphan anna']])
})

test('somebody in doubt was there until the end of a file that was salvaged, though nobody noted his last frame', () => {
  const heard = { events: talk('anna', 1), tracks: [track('t', 'anna')], files: [file('t', 1, 40, [], { partial: true })] }

  const { unconfirmed, onStage } = seenOf(state({ ...heard, doubts: [{ userId: 'anna', heardMs: at(1) }] })).get('anna')!

  assert.deepEqual(onStage, [{ startMs: at(1), endMs: at(40) }])
  assert.equal(unconfirmed[0]?.startMs, at(40))
})

test('of many warnings the worst comes first, one for each code and user, and no more than 200', () => {
  const sources = [source('a', 'ben', 1, { trouble: 'StartRefused', troubleMessage: 'old' }), source('b', 'ben', 5, { trouble: 'StartRefused', troubleMessage: 'new' })]
  const given = of({ events: [...talk('anna', 1), ...talk('ben', 1)], tracks: [track('t', 'anna', { message: 'refused' })], sources })
  const crowd = of({ events: Array.from({ length: 205 }, (_, n) => talk(`user-${n}`, 1)).flat() })

  assert.deepEqual(codes(given), ['FileNotStored anna', 'StartRefused ben', 'SpeakerUnheard anna', 'SpeakerUnheard ben'])
  assert.equal(given.warnings[1]?.Message, 'new')
  assert.equal(crowd.warnings.length, 200)
})

const second = fc.integer({ min: 0, max: 70 })
const user = fc.constantFrom('anna', 'ben', 'excluded')
const pair = fc.tuple(second, second).map(([a, b]) => [Math.min(a, b), Math.max(a, b) + 1] as const)
const maybe = <T>(value: T) => fc.constantFrom(value, null)
const anyState = fc.record({
  events: fc.array(fc.tuple(fc.constantFrom(102, 103, 104, 105, 203, 204), second, user, fc.constantFrom(20, 21)), { maxLength: 12 })
    .map((events) => events.map(([type, seconds, userId, Role]) => event(type, seconds, userId, { Role, Reason: 1 }))),
  tracks: fc.uniqueArray(fc.constantFrom('anna', 'ben')).map((users) => users.map((userId) => track(`t-${userId}`, userId))),
  files: fc.uniqueArray(fc.tuple(fc.constantFrom('t-anna', 't-ben'), pair), { selector: ([id]) => id })
    .map((files) => files.map(([id, [from, to]]) => file(id, from, to))),
  sources: fc.array(fc.record({
    userId: fc.constantFrom('anna', 'ben'),
    seconds: second,
    trouble: fc.constantFrom(null, 'StartRefused' as const, 'StartUnanswered' as const),
    failedMs: maybe(at(30)),
    absentMs: maybe(at(20)),
    firstAudioMs: maybe(at(25))
  }), { maxLength: 4 })
    .map((sources) => sources.map(({ userId, seconds, ...rest }, index) => source(`s${index}`, userId, seconds, rest))),
  pauses: fc.uniqueArray(fc.tuple(pair, fc.constantFrom(null, 'anna')), { maxLength: 3, selector: ([[from], userId]) => `${from}${userId ?? ''}` })
    .map((pauses) => pauses.map(([[from, to], userId]) => pause(from, to, userId))),
  absences: fc.array(fc.tuple(pair, fc.constantFrom(null, 'anna'), fc.constantFrom('away' as const, 'disk' as const, 'database' as const, 'events' as const)), { maxLength: 3 })
    .map((absences) => absences.map(([[from, to], userId, cause], index) => ({ ...absence(from, to, cause, userId), id: `abs_${index}` }))),
  isTold: fc.boolean()
})

test('rows and events in any order give the same verdict', () => {
  const shuffled = anyState.chain((rows) => fc.tuple(fc.constant(rows), fc.record({
    events: fc.shuffledSubarray([...rows.events, ...rows.events], { minLength: rows.events.length * 2 }),
    tracks: fc.shuffledSubarray(rows.tracks, { minLength: rows.tracks.length }),
    files: fc.shuffledSubarray(rows.files, { minLength: rows.files.length }),
    sources: fc.shuffledSubarray(rows.sources, { minLength: rows.sources.length }),
    pauses: fc.shuffledSubarray(rows.pauses, { minLength: rows.pauses.length }),
    absences: fc.shuffledSubarray(rows.absences, { minLength: rows.absences.length }),
    isTold: fc.constant(rows.isTold)
  })))

  fc.assert(fc.property(shuffled, ([rows, disorder]) => { assert.deepEqual(of(disorder), of(rows)) }), { numRuns: 300 })
})

test('what has failed says why, and so does what is incomplete; nothing is complete while somebody to be heard has no stored frame', () => {
  fc.assert(fc.property(anyState, fc.boolean(), (rows, isMet) => {
    // Of somebody nothing else tells of: heard from 5 to 50, and paused for some of it.
    const extra = { ...rows, events: [...rows.events, ...isMet ? talk('carl', 5, 50) : []] }
    const given = of(extra)
    const dismissed = rows.events.some(({ kind }) => kind === 'roomDismissed')
    const paused = rows.pauses.filter(({ userId }) => userId === null).map(({ startMs, endMs }) => ({ startMs, endMs: (endMs ?? Infinity) + 3_000 }))

    if (given.status === 'Failed' || given.incomplete) assert.notEqual(given.message, '')
    if (isMet && !dismissed && lengthOf(paused) < 45_000) assert.deepEqual([given.incomplete, rows.files.length > 0 || given.status === 'Failed'], [true, true])
  }), { numRuns: 500 })
})
