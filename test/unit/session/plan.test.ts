import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dueMs, plan, type Action, type Actual, type Desired } from '../../../src/session/plan.ts'
import type { PauseRow } from '../../../src/state/pauses.ts'
import type { MemberRow } from '../../../src/state/rooms.ts'
import type { SourceWithTask } from '../../../src/state/sources.ts'
import { actual, createdMs, desired, here, live, member, nowMs, pause, pushed, recording, room, source, spool, track } from '../../helpers/plan-states.ts'

/** What is done about anna, the only one there, whose track is `t`. */
function actionsFor (state: Actual['source'], sources: SourceWithTask[], { atMs = nowMs, anna = {}, held = {}, change = {} }: {
  atMs?: number, anna?: Partial<MemberRow>, held?: Partial<Actual>, change?: Partial<Desired>
} = {}): Action[] {
  const given = desired({ room: room(member('anna', anna)), tracks: [track('t', 'anna')], sources, ...change })
  return plan(given, [actual('t', 'anna', { source: state, ...held })], here(), atMs)
}

const over = (how: 'ended' | 'failed'): Action => ({ type: 'disconnect', trackId: 't', over: how })
const connect: Action = { type: 'connect', trackId: 't' }
const absent = (sourceId: string): Action => ({ type: 'absent', sourceId })

test('an anchor without a track gets one, its audio is asked for, and then nothing is to be done', () => {
  const there = desired({ room: room(member('anna')) })

  assert.deepEqual(plan(there, [], here(), nowMs), [{ type: 'record', userId: 'anna' }])
  assert.deepEqual(plan(there, [actual('t', 'anna')], here(), nowMs), [connect])
  assert.deepEqual(plan(there, [actual('t', 'anna', { retryAtMs: nowMs + 1 })], here(), nowMs), [])
  assert.deepEqual(actionsFor(live('s'), [source('s', 'anna')]), [])
})

test('the recorder, the audience and who is not subscribed are not recorded', () => {
  const members = [member('recorder'), member('listens', { anchor: false }), member('excluded'), member('anna')]
  const { options } = recording()
  const state = desired({ recording: recording({ options: { ...options, subscribe: { excludeUserIds: ['ex*'] } } }), room: room(...members) })

  assert.deepEqual(plan(state, [], here(), nowMs), [{ type: 'record', userId: 'anna' }])
})

test('a relay that gave up, by its own word or by time, is asked for again', () => {
  const failed = source('s', 'anna', { relayStatus: 'failed', failedMs: nowMs - 1 })

  assert.deepEqual(actionsFor(pushed('lost', ['s'], { sinceMs: nowMs }), [failed]), [over('failed')])
  assert.deepEqual(actionsFor(pushed('waiting', ['s'], { sinceMs: nowMs }), [source('s', 'anna', { relayStatus: 'idle', idleMs: nowMs })]), [over('ended')])
  assert.deepEqual(actionsFor(pushed('lost', ['s'], { sinceMs: nowMs - 70_000 }), [source('s', 'anna', { relayStatus: 'recovering' })]), [])
  assert.deepEqual(actionsFor(pushed('lost', ['s'], { sinceMs: nowMs - 70_001 }), [source('s', 'anna', { relayStatus: 'running' })]), [over('ended')])
  assert.deepEqual(actionsFor(live('s'), [failed]), [], 'audio says more than its event')
})

test('of two sources that were asked for one may end: the track waits for the other, unless that was asked for long ago', () => {
  const idle = { relayStatus: 'idle', idleMs: nowMs }
  const waiting = (sinceMs: number) => pushed('waiting', ['newer', 'older'], { sinceMs })
  const olderEnded = [source('older', 'anna', idle), source('newer', 'anna')]
  const newerEnded = [source('older', 'anna'), source('newer', 'anna', idle)]

  assert.deepEqual(actionsFor(waiting(nowMs), olderEnded), [])
  assert.deepEqual(actionsFor(waiting(nowMs), newerEnded), [])
  assert.deepEqual(actionsFor(waiting(nowMs), [source('older', 'anna', idle), source('newer', 'anna', idle)]), [over('ended')])
  assert.deepEqual(actionsFor(waiting(nowMs - 70_001), olderEnded), [], 'somebody silent may be silent for long')
  assert.deepEqual(actionsFor(waiting(nowMs - 70_001), newerEnded), [over('ended')])
})

test('a relay that brings nothing of somebody who has long been talking is over, one of somebody silent is not', () => {
  const actions = (audible: boolean, atMs: number): Action[] => actionsFor(pushed('waiting', ['s']), [source('s', 'anna', { absentMs: 1 })], {
    atMs, anna: { audible, audibleMs: createdMs + 1_000 }
  })

  assert.deepEqual(actions(true, createdMs + 71_000), [])
  assert.deepEqual(actions(true, createdMs + 71_001), [over('failed')])
  assert.deepEqual(actions(false, createdMs + 500_000), [])
})

test('a source is absent, once, 15 s after TRTC said that it pushes, or after the speaker\'s own event', () => {
  const told = source('s', 'anna', { toldMs: createdMs + 1_000 })
  const at = (ms: number, row = source('s', 'anna'), anna: Partial<MemberRow> = {}): Action[] =>
    actionsFor(pushed('waiting', ['s']), [row], { atMs: createdMs + ms, anna })
  const speaks = { audible: true, audibleMs: createdMs + 2_000 }

  assert.deepEqual([at(15_999, told), at(16_000, told)], [[], [absent('s')]])
  assert.deepEqual([at(16_999, undefined, speaks), at(17_000, undefined, speaks)], [[], [absent('s')]])
  assert.deepEqual(at(15_000, undefined, { audible: true, audibleMs: createdMs - 9_000 }), [absent('s')], 'who spoke before is waited for since the asking')
  assert.deepEqual(at(14_999, undefined, { audible: true, audibleMs: createdMs - 9_000 }), [])
  assert.deepEqual(at(500_000), [], 'nobody announced it')
  assert.deepEqual(at(500_000, undefined, { audible: false, audibleMs: createdMs }), [])
  assert.deepEqual(at(500_000, { ...told, absentMs: 5 }), [])
  assert.deepEqual(at(500_000, { ...told, pushedMs: 5 }), [], 'a push has come, though nobody speaks')
  const starting = actionsFor(pushed('starting', ['s']), [source('s', 'anna')], { atMs: createdMs + 60_000, anna: speaks })
  assert.deepEqual(starting, [], 'one that waits for its turn to be asked for is not absent')
})

test('an answer that did not come is asked for again after a while, as often as it does not come, unless TRTC told of the task meanwhile', () => {
  const waiting = (...ids: string[]) => pushed('waiting', ids, { isUnanswered: true, sinceMs: nowMs })
  const unknown = source('s', 'anna', { taskId: null })
  const second = source('s2', 'anna', { taskId: null })

  assert.deepEqual(actionsFor(waiting('s'), [unknown], { held: { retryAtMs: nowMs + 1 } }), [])
  assert.deepEqual(actionsFor(waiting('s'), [unknown], { held: { retryAtMs: nowMs } }), [connect])
  assert.deepEqual(actionsFor(waiting('s2', 's'), [unknown, second], { held: { retryAtMs: nowMs } }), [connect], 'two that nobody answered for are none')
  assert.deepEqual(actionsFor(waiting('s'), [{ ...unknown, relayStatus: 'connecting' }], { held: { retryAtMs: nowMs } }), [])
  assert.deepEqual(actionsFor(pushed('starting', ['s2', 's']), [unknown, second]), [])
})

test('who is paused, alone or with all, is paused before anything is asked for, stays connected, and goes on when no pause is left', () => {
  const actions = (pauses: PauseRow[], held: Partial<Actual>): Action[] => actionsFor(live('s'), [source('s', 'anna')], { held, change: { pauses } })
  const change = (paused: boolean): Action[] => [{ type: 'pause', trackId: 't', paused }]

  const begun = plan(desired({ room: room(member('anna')), pauses: [pause('anna')] }), [actual('t', 'anna')], here(), nowMs)
  assert.deepEqual(begun, [...change(true), connect])
  assert.deepEqual(actions([pause(null)], {}), change(true))
  assert.deepEqual(actions([pause(null), pause('anna')], { paused: true }), [])
  assert.deepEqual(actions([pause('anna')], { paused: true }), [])
  assert.deepEqual(actions([pause('ben')], { paused: true }), change(false))
})

test('what arrives within three seconds of the end of a pause was said during it', () => {
  const ended = pause('anna', { endMs: nowMs })
  const at = (ms: number, paused: boolean): Action[] => actionsFor(live('s'), [source('s', 'anna')], { atMs: nowMs + ms, held: { paused }, change: { pauses: [ended] } })
  const given = desired({ room: room(member('anna')), pauses: [ended] })

  assert.deepEqual(at(2_999, true), [])
  assert.deepEqual(at(2_999, false), [{ type: 'pause', trackId: 't', paused: true }], 'also what a new owner hears of it')
  assert.deepEqual(at(3_000, true), [{ type: 'pause', trackId: 't', paused: false }])
  assert.ok(dueMs(given, [], here(), nowMs).includes(nowMs + 3_000))
  assert.deepEqual(plan(given, [actual('t', 'anna', { source: live('s'), paused: true })], here({ resumeHoldMs: 0 }), nowMs)[0], { type: 'pause', trackId: 't', paused: false })
})

test('a former owner\'s track is gone on with, and so are its sources while their relays may come back', () => {
  const given = desired({
    room: room(member('anna')),
    tracks: [track('old', 'anna'), track('done', 'anna', { closedMs: 5 })],
    sources: [source('s1', 'anna'), source('s2', 'anna'), source('s3', 'anna')]
  })
  const backAfter = (ms: number): Action[] => plan(given, [], here({ awaySinceMs: nowMs - ms }), nowMs)
  const abandon = (...ids: string[]): Action[] => ids.map((sourceId) => ({ type: 'abandon', sourceId }))

  assert.deepEqual(backAfter(59_999), [{ type: 'resume', trackId: 'old', sourceIds: ['s3', 's2'] }, ...abandon('s1')])
  assert.deepEqual(backAfter(60_000), [{ type: 'resume', trackId: 'old', sourceIds: [] }, ...abandon('s1', 's2', 's3')])
  assert.deepEqual(plan(given, [], here(), nowMs), [{ type: 'resume', trackId: 'old', sourceIds: [] }, ...abandon('s1', 's2', 's3')])
})

test('a source comes back only if it may: not one that was let go, that TRTC did not take, whose port is not known, or of somebody else', () => {
  const sources = [
    source('gone', 'anna', { stoppedMs: 5 }), source('refused', 'anna', { outcome: 'refused' }), source('of-0.1.0', 'anna', { port: null }), source('other', 'ben'), source('s', 'anna')
  ]
  const [action] = plan(desired({ room: room(member('anna')), tracks: [track('old', 'anna')], sources }), [], here({ awaySinceMs: nowMs - 2_000 }), nowMs)

  assert.deepEqual(action, { type: 'resume', trackId: 'old', sourceIds: ['s'] })
})

test('of two tracks of one user that were left open the newest goes on and the other is closed', () => {
  const tracks = [track('first', 'anna', { number: 1 }), track('second', 'anna', { number: 2 })]
  const given = desired({ room: room(member('anna')), tracks, sources: [source('s', 'anna')] })
  const back = here({ awaySinceMs: nowMs - 2_000 })

  assert.deepEqual(plan(given, [], back, nowMs), [{ type: 'resume', trackId: 'second', sourceIds: ['s'] }, { type: 'close', trackId: 'first' }])
  assert.deepEqual(plan({ ...given, sources: [] }, [actual('new', 'anna', { source: live('n') })], back, nowMs), [{ type: 'close', trackId: 'second' }, { type: 'close', trackId: 'first' }])
})

test('a recording that has ended goes on with nothing: what was left open is closed', () => {
  const given = desired({ recording: recording({ reason: 'StopRequested', endedMs: nowMs }), room: room(member('anna')), tracks: [track('old', 'anna')], sources: [source('s', 'anna')] })

  assert.deepEqual(plan(given, [], here({ awaySinceMs: nowMs - 2_000 }), nowMs), [{ type: 'close', trackId: 'old' }, { type: 'abandon', sourceId: 's' }])
})

test('what no thread has is opened where its sources push, waited for while a thread is being replaced, and asked for anew when nobody listens there', () => {
  const away = pushed('lost', ['s'], { awaySinceMs: nowMs - 2_000 })
  const rows = [source('s', 'anna')]
  const reach = (reach: Actual['reach'], state = away): Action[] => actionsFor(state, rows, { held: { reach } })

  assert.deepEqual(reach('up'), [{ type: 'reopen', trackId: 't' }])
  assert.deepEqual(reach('down'), [])
  assert.deepEqual(reach('none'), [{ type: 'disconnect', trackId: 't' }])
  assert.deepEqual(reach('up', { ...away, awaySinceMs: nowMs - 60_000 }), [{ type: 'disconnect', trackId: 't' }], 'its relay has given up')
  assert.deepEqual(reach('down', { ...away, awaySinceMs: nowMs - 59_999 }), [])
})

test('who has not come back ten seconds after a thread had the track again is asked for anew, beside the one that may still come', () => {
  const awaySinceMs = nowMs - 20_000
  const old = source('s', 'anna', { createdMs: awaySinceMs - 1 })
  const fresh = source('n', 'anna', { createdMs: awaySinceMs + 12_000 })
  const since = (ms: number, ids = ['s'], state: Actual['source']['state'] = 'lost') => pushed(state, ids, { awaySinceMs, sinceMs: nowMs - ms })

  assert.deepEqual(actionsFor(since(9_999), [old]), [])
  assert.deepEqual(actionsFor(since(10_000), [old]), [connect])
  assert.deepEqual(actionsFor(since(10_000), [old], { held: { retryAtMs: nowMs + 1 } }), [])
  assert.deepEqual(actionsFor(since(10_000, ['s'], 'waiting'), [old]), [connect])
  assert.deepEqual(actionsFor(since(10_000, ['older', 's'].reverse()), [source('older', 'anna', { createdMs: 1 }), old]), [connect], 'of two that were there before neither came')
  assert.deepEqual(actionsFor(since(10_000, ['n', 's'], 'starting'), [old, fresh]), [])
  assert.deepEqual(actionsFor(since(30_000, ['n', 's'], 'waiting'), [old, fresh]), [], 'once')
  assert.ok(dueMs(desired(), [actual('t', 'anna', { source: since(4_000) })], here(), nowMs).includes(nowMs + 6_000))
})

test('the track of another spool is left alone while that may come back, and the recording waits for it', () => {
  const tracks = [track('t1', 'anna', { spoolId: 'spl_other' })]
  const ended = recording({ reason: 'StopRequested', endedMs: nowMs })

  assert.deepEqual(plan(desired({ tracks }), [], here(), nowMs), [])
  assert.deepEqual(plan(desired({ recording: ended, tracks }), [], here(), nowMs), [])
  assert.deepEqual(plan(desired({ recording: ended, tracks: [track('t1', 'anna', { spoolId: null })] }), [], here(), nowMs), [], 'nor one that nobody has claimed')
})

test('the track of a spool that did not come back is closed without its audio, once', () => {
  const lost = { id: spool.id, lost: new Set(['spl_other']) }
  const other = track('t1', 'anna', { spoolId: 'spl_other' })

  assert.deepEqual(plan(desired({ tracks: [other, track('t2', 'anna', { number: 2 })], spool: lost }), [], here(), nowMs), [
    { type: 'resume', trackId: 't2', sourceIds: [] }, { type: 'lose', trackId: 't1' }
  ])
  assert.deepEqual(plan(desired({ tracks: [{ ...other, closedMs: nowMs }], spool: lost }), [], here(), nowMs), [])
})
