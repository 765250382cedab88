import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { dueMs, plan, type Action, type Actual, type Desired } from '../../../src/session/plan.ts'
import type { MemberRow } from '../../../src/state/rooms.ts'
import type { SourceWithTask } from '../../../src/state/sources.ts'
import { actual, createdMs, desired, here, live, member, nowMs, pause, port, pushed, recording, room, source, track } from '../../helpers/plan-states.ts'

const drain = (on: boolean, trackId = 't'): Action => ({ type: 'drain', trackId, on })
const disconnect: Action = { type: 'disconnect', trackId: 't' }
const close: Action = { type: 'close', trackId: 't' }
const gone = { present: false, presentMs: nowMs - 1_000 }

/** What is done about anna's track `t` and its source `s`, with ben there, who is recorded and goes on. */
function actionsFor (state: Actual['source'], { anna = {}, held = {}, change = {}, atMs = nowMs }: {
  anna?: Partial<MemberRow>, held?: Partial<Actual>, change?: Partial<Desired>, atMs?: number
} = {}): Action[] {
  const given = desired({
    room: room(member('anna', anna), member('ben')), tracks: [track('t', 'anna'), track('u', 'ben')], sources: [source('s', 'anna'), source('r', 'ben')], ...change
  })
  return plan(given, [actual('t', 'anna', { source: state, ...held }), actual('u', 'ben', { source: live('r') })], here(), atMs)
    .filter((action) => !('trackId' in action) || action.trackId === 't')
}

test('who leaves is waited for and then no longer pushed, but the track waits for a return', () => {
  const ended = pushed('live', ['s'], { ending: { sinceMs: nowMs, isQuiet: true } })

  assert.deepEqual(actionsFor(live('s'), { anna: gone }), [drain(true)])
  assert.deepEqual(actionsFor(ended, { anna: gone }), [disconnect])
  assert.deepEqual(actionsFor(pushed('none', []), { anna: gone, change: { sources: [source('r', 'ben')] } }), [])
})

test('who becomes audience, or is not to be recorded any more, is waited for as well', () => {
  assert.deepEqual(actionsFor(live('s'), { anna: { anchor: false, anchorMs: nowMs } }), [drain(true)])
})

test('somebody back before the wait is over keeps the source', () => {
  assert.deepEqual(actionsFor(pushed('live', ['s'], { ending: { sinceMs: nowMs - 500, isQuiet: false } })), [drain(false)])
})

/** [what, when it happened, when the wait began, when it is over]: three seconds after the event, at least one and at most three of ours. */
const waits: Array<[string, number, number, number]> = [
  ['an event that came at once is waited for three seconds', nowMs, nowMs, nowMs + 3_000],
  ['an event that took half a second is waited for since it happened', nowMs - 500, nowMs, nowMs + 2_500],
  ['an event that took long is waited for one second', nowMs - 60_000, nowMs, nowMs + 1_000],
  ['an event of a clock ahead of ours is waited for three seconds', nowMs + 60_000, nowMs, nowMs + 3_000]
]

for (const [name, eventMs, sinceMs, endMs] of waits) {
  test(`${name}, whatever still comes`, () => {
    const state = pushed('live', ['s'], { ending: { sinceMs, isQuiet: false } })
    const anna = { present: false, presentMs: eventMs }
    const given = desired({ room: room(member('anna', anna)), tracks: [track('t', 'anna')], sources: [source('s', 'anna')] })

    assert.deepEqual([actionsFor(state, { anna, atMs: endMs - 1 }), actionsFor(state, { anna, atMs: endMs })], [[], [disconnect]])
    assert.ok(dueMs(given, [actual('t', 'anna', { source: state })], here(), nowMs).includes(endMs))
  })
}

test('an end is waited for no longer when the push has ended, when no more comes, or when no thread hears it', () => {
  const ending = { sinceMs: nowMs, isQuiet: false }

  assert.deepEqual(actionsFor(pushed('live', ['s'], { ending }), { anna: gone }), [])
  assert.deepEqual(actionsFor(pushed('lost', ['s'], { ending }), { anna: gone }), [disconnect])
  assert.deepEqual(actionsFor(pushed('live', ['s'], { ending: { ...ending, isQuiet: true } }), { anna: gone }), [disconnect])
  for (const reach of ['up', 'down', 'none'] as const) assert.deepEqual(actionsFor(pushed('lost', ['s']), { anna: gone, held: { reach } }), [disconnect], reach)
})

const endings: Array<[string, Partial<Desired>]> = [
  ['a dismissal', { recording: recording({ reason: 'RoomDismissed', endedMs: nowMs }), room: { ...room(member('anna')), dismissedMs: nowMs } }],
  ['a stop call', { recording: recording({ reason: 'StopRequested', stopRequestedMs: nowMs, endedMs: nowMs }), room: room(member('anna')) }],
  ['the removal of the recorder', { recording: recording({ reason: 'RecorderRemoved', endedMs: nowMs }), room: room(member('anna'), member('recorder', { kickedMs: nowMs })) }],
  ['its longest time', { recording: recording({ reason: 'MaxDurationReached', endedMs: nowMs }), room: room(member('anna')) }]
]

for (const [name, change] of endings) {
  test(`a recording that ends by ${name} waits for what is under way, closes the files and stops the relay beside it`, () => {
    const given = { ...desired({ tracks: [track('t', 'anna')], sources: [source('s', 'anna')] }), ...change }
    const at = (ms: number, state: Actual['source'], held: Partial<Actual> = {}): Action[] => plan(given, [actual('t', 'anna', { source: state, ...held })], here(), nowMs + ms)
    const ending = { sinceMs: nowMs + 100, isQuiet: false }

    assert.deepEqual(at(100, live('s')), [drain(true)])
    assert.deepEqual(at(2_999, pushed('live', ['s'], { ending })), [])
    assert.deepEqual(at(3_000, pushed('live', ['s'], { ending })), [close])
    assert.deepEqual(at(600, pushed('live', ['s'], { ending: { ...ending, isQuiet: true } })), [close])
    assert.deepEqual(at(600, pushed('lost', ['s'], { ending })), [close])
    assert.deepEqual(at(600, pushed('lost', ['s']), { reach: 'down' }), [close], 'its thread is gone')
    assert.deepEqual(at(600, pushed('none', [])).slice(0, 1), [close])
  })
}

const ends: Array<[string, Partial<Desired>, number, string | undefined]> = [
  ['a stop call', { recording: recording({ stopRequestedMs: 1 }), room: room(member('anna')) }, nowMs, 'StopRequested'],
  ['a dismissal', { room: { ...room(), dismissedMs: createdMs + 1 } }, nowMs, 'RoomDismissed'],
  ['a dismissal of before the recording', { room: { ...room(), dismissedMs: createdMs - 1 } }, nowMs, undefined],
  ['the removal of the recorder', { room: room(member('anna'), member('recorder', { kickedMs: createdMs + 1 })) }, nowMs, 'RecorderRemoved'],
  ['a removal of before the recording', { room: room(member('anna'), member('recorder', { kickedMs: createdMs - 1 })) }, nowMs, undefined],
  ['the removal of an anchor', { room: room(member('anna'), member('ben', { kickedMs: createdMs + 1, present: false })) }, nowMs, undefined],
  ['a minute without anchors', { room: room(member('anna', { present: false, anchoredMs: createdMs + 1_000 })) }, createdMs + 61_000, 'IdleTimeout'],
  ['almost a minute without anchors', { room: room(member('anna', { present: false, anchoredMs: createdMs + 1_000 })) }, createdMs + 60_999, undefined],
  ['a minute in which nobody came', {}, createdMs + 60_000, 'IdleTimeout'],
  ['two hours', { room: room(member('anna')) }, createdMs + 7_200_000, 'MaxDurationReached'],
  ['a pause of a minute without anchors', { room: room(member('anna', { present: false, anchoredMs: createdMs })), pauses: [pause(null)] }, createdMs + 60_000, 'IdleTimeout']
]

for (const [name, change, atMs, reason] of ends) {
  test(`${name} ${reason === undefined ? 'ends nothing' : `ends the recording with ${reason}`}`, () => {
    assert.deepEqual(plan(desired(change), [], here(), atMs).find(({ type }) => type === 'end'), reason === undefined ? undefined : { type: 'end', reason })
  })
}

test('a reason that is stored is final, whatever happens after it', () => {
  const state = desired({ recording: recording({ reason: 'StopRequested' }), room: { ...room(member('anna', { presentMs: createdMs + 10 })), dismissedMs: createdMs + 9 } })

  assert.deepEqual(plan(state, [], here(), createdMs + 700_000), [{ type: 'complete' }])
})

test('a recording is not complete before its sources are let go', () => {
  const state = desired({ recording: recording({ reason: 'StopRequested' }), sources: [source('s', 'anna')] })

  assert.deepEqual(plan(state, [], here(), nowMs), [{ type: 'abandon', sourceId: 's' }])
})

test('time alone ends a recording exactly when it said so', () => {
  const unconfirmed = fc.record({ heardMs: fc.nat(400_000), lastFrameMs: fc.option(fc.nat(400_000)) })

  fc.assert(fc.property(fc.boolean(), fc.nat(400_000), fc.option(unconfirmed), (present, anchoredMs, doubt) => {
    const anna = member('anna', { present, anchoredMs: createdMs + anchoredMs })
    const ben = doubt === null ? [] : [member('ben', { unconfirmedMs: createdMs + 1, heardMs: createdMs + doubt.heardMs })]
    const frame = doubt?.lastFrameMs ?? null
    const sources = frame === null ? [] : [source('r', 'ben', { lastFrameMs: createdMs + frame, stoppedMs: 1 })]
    const state = desired({ room: room(anna, ...ben), sources })
    const endMs = Math.min(...dueMs(state, [], here(), createdMs))

    const ended = (atMs: number): boolean => plan(state, [], here(), atMs).some(({ type }) => type === 'end')
    assert.deepEqual([ended(endMs - 1), ended(endMs)], [false, true])
  }))
})

// Who is gone and nobody said so.

const idled = (id: string, beganMs: number, endedMs: number, change: Partial<SourceWithTask> = {}): SourceWithTask =>
  source(id, 'anna', { createdMs: beganMs, idleMs: endedMs, relayStatus: 'idle', relayStatusMs: endedMs - 20, stoppedMs: endedMs, outcome: 'idle', ...change })
const twice = [idled('s1', createdMs + 1_000, createdMs + 60_000), idled('s2', createdMs + 60_100, createdMs + 120_100)]

test('somebody whose two tasks in a row ended by themselves is doubted and not asked for at once', () => {
  const atMs = createdMs + 120_200
  const given = desired({ room: room(member('anna')), tracks: [track('t', 'anna')], sources: twice })

  assert.deepEqual(plan(given, [actual('t', 'anna')], here(), atMs), [
    { type: 'end', reason: 'IdleTimeout' }, { type: 'doubt', userId: 'anna' }, { type: 'close', trackId: 't' }
  ])
  assert.deepEqual(plan({ ...given, sources: twice.slice(0, 1) }, [actual('t', 'anna')], here(), createdMs + 60_100), [{ type: 'connect', trackId: 't' }], 'once may be chance')
})

/** Everything that is asked for while anna is in doubt and ben keeps the recording going, second by second. @param refuses whether nobody comes */
function askedWhileUnconfirmed (unconfirmedMs: number, fromMs: number, toMs: number): number[] {
  const sources = twice.filter((each) => each.createdMs < unconfirmedMs)
  const asked: number[] = []
  for (let atMs = fromMs; atMs <= toMs; atMs += 1_000) {
    const given = desired({ room: room(member('anna', { unconfirmedMs }), member('ben')), tracks: [track('t', 'anna'), track('u', 'ben')], sources: [...sources, source('r', 'ben')] })
    const actions = plan(given, [actual('t', 'anna'), actual('u', 'ben', { source: live('r') })], here(), atMs)
    if (actions.some(({ type }) => type === 'connect')) {
      asked.push(atMs - fromMs)
      sources.push(idled(`s${sources.length + 1}`, atMs, atMs + 100))
    }
  }
  return asked
}

test('somebody unconfirmed is asked for again after 1, 5 and 15 minutes, and then not any more', () => {
  const unconfirmedMs = createdMs + 121_000

  assert.deepEqual(askedWhileUnconfirmed(unconfirmedMs, unconfirmedMs, unconfirmedMs + 3_600_000), [60_000, 300_000, 900_000])
})

test('a recording that inherits the doubt asks at once, and then after 5 and 15 minutes', () => {
  assert.deepEqual(askedWhileUnconfirmed(createdMs - 500_000, createdMs, createdMs + 3_600_000), [0, 300_000, 900_000])
})

test('somebody unconfirmed who is being asked for is recorded until that source is over, and heard when audio comes', () => {
  const anna = { unconfirmedMs: createdMs + 1_000 }
  const atMs = createdMs + 62_000

  assert.deepEqual(actionsFor(pushed('waiting', ['s'], { sinceMs: atMs }), { anna, atMs }), [])
  assert.deepEqual(actionsFor(live('s'), { anna, atMs }), [])
  const over = source('s', 'anna', { idleMs: atMs, relayStatus: 'idle', relayStatusMs: atMs })
  assert.deepEqual(actionsFor(pushed('lost', ['s'], { sinceMs: atMs }), { anna, atMs, change: { sources: [over, source('r', 'ben')] } }), [{ ...disconnect, over: 'ended' }])
})

test('a doubt is concluded once', () => {
  const given = desired({ room: room(member('anna', { unconfirmedMs: nowMs }), member('ben')), sources: twice })

  assert.deepEqual(plan(given, [], here(), nowMs + 1_000), [{ type: 'record', userId: 'ben' }])
})

test('while all who may be there are unconfirmed the idle rule counts from the last frame or event that came of them', () => {
  const at = (heardMs: number, lastFrameMs: number | null, ms: number, change: Partial<MemberRow>[] = []): boolean => {
    const anna = member('anna', { unconfirmedMs: createdMs + 90_000, heardMs: createdMs + heardMs })
    const sources = [source('s', 'anna', { lastFrameMs: lastFrameMs === null ? null : createdMs + lastFrameMs, stoppedMs: 1 })]
    const others = change.map((each, index) => member(`other-${index}`, each))
    return plan(desired({ room: room(anna, ...others), sources }), [], here(), createdMs + ms).some(({ type }) => type === 'end')
  }

  assert.deepEqual([at(40_000, null, 99_999), at(40_000, null, 100_000)], [false, true])
  assert.deepEqual([at(40_000, 70_000, 129_999), at(40_000, 70_000, 130_000)], [false, true])
  assert.deepEqual([at(40_000, 30_000, 99_999), at(40_000, 30_000, 100_000)], [false, true])
  assert.equal(at(40_000, null, 500_000, [{}]), false, 'somebody else is there')
  const left = { present: false, anchoredMs: createdMs + 60_000 }
  assert.deepEqual([at(40_000, null, 119_999, [left]), at(40_000, null, 120_000, [left])], [false, true])
})

test('somebody unconfirmed whose audio comes keeps the recording going', () => {
  const given = desired({ room: room(member('anna', { unconfirmedMs: createdMs })), tracks: [track('t', 'anna')], sources: [source('s', 'anna')] })

  assert.deepEqual(plan(given, [actual('t', 'anna', { source: live('s') })], here(), createdMs + 600_000), [])
})

test('who is muted for ten minutes, whose relay hangs up and of whom no 401 comes, is recorded in one recording that still runs', () => {
  const anna = member('anna', { audible: false, audibleMs: createdMs + 2_000, lastEventMs: createdMs + 2_000, heardMs: createdMs + 2_000 })
  const tracks = [track('t', 'anna')]
  const sources = [source('s1', 'anna', { firstAudioMs: createdMs + 500, lastFrameMs: createdMs + 2_000, pushEndedMs: createdMs + 3_000 })]
  let held = pushed('lost', ['s1'], { sinceMs: createdMs + 3_000 })
  const asked: number[] = []
  for (let ms = 4_000; ms <= 603_000; ms += 1_000) {
    const atMs = createdMs + ms
    for (const action of plan(desired({ room: room(anna), tracks, sources }), [actual('t', 'anna', { source: held })], here({ lastPushMs: () => atMs }), atMs)) {
      if (action.type === 'disconnect') held = pushed('none', [], { sinceMs: atMs })
      else if (action.type === 'abandon') sources.find(({ id }) => id === action.sourceId)!.stoppedMs = atMs
      else if (action.type === 'connect') {
        asked.push(ms)
        sources.push(source(`s${asked.length + 1}`, 'anna', { createdMs: atMs }))
        held = pushed('waiting', [`s${asked.length + 1}`], { sinceMs: atMs })
      } else assert.fail(`${action.type} after ${ms} ms`)
    }
  }

  assert.deepEqual(asked, [74_000 + 1_000])
  assert.equal(held.state, 'waiting', 'a relay is ready for when anna speaks again')
})

test('somebody audible of whom nothing comes, while others are pushed to the same port, is doubted when no 401 tells of anybody', () => {
  const sources = [source('s', 'anna', { stoppedMs: 1 })]
  const anna = member('anna', { audible: true, audibleMs: createdMs + 1 })
  const at = (ms: number): Action[] => plan(desired({ room: room(anna), tracks: [track('t', 'anna')], sources }), [actual('t', 'anna', { retryAtMs: Infinity })], here({
    lastPushMs: (at) => at === port ? createdMs + 30_000 : undefined
  }), createdMs + ms)

  assert.deepEqual(at(75_001), [])
  assert.deepEqual(at(75_002).map(({ type }) => type), ['end', 'doubt', 'close'])
})
