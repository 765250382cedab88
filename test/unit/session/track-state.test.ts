import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { actualOf, begun, inherited, isOpen, next, resumed, sourcesOf, type Refusal, type TrackEvent, type TrackState } from '../../../src/session/track-state.ts'
import { runs } from '../../helpers/fuzz.ts'

type Kind = TrackState['kind']
type EventType = TrackEvent['type']

const recorded = { isOpen: true, isPaused: false, sinceMs: 1_000, retryAtMs: 900, failures: 2 }
const sourced = { ...recorded, sourceId: 's', olderId: undefined, awaySinceMs: undefined, ending: undefined }
const ended = { isOpen: true, failures: 2, ownFailures: 1 }
const states: { [K in Kind]: Extract<TrackState, { kind: K }> } = {
  idle: { kind: 'idle', ...recorded },
  starting: { kind: 'starting', ...sourced },
  waiting: { kind: 'waiting', ...sourced, isAnswered: true },
  live: { kind: 'live', ...sourced },
  lost: { kind: 'lost', ...sourced },
  closing: { kind: 'closing', ...ended },
  unstored: { kind: 'unstored', ...ended, retryAtMs: 900 },
  gone: { kind: 'gone' }
}
const nowMs = 2_000
const events: { [T in EventType]: Extract<TrackEvent, { type: T }> } = {
  asked: { type: 'asked', sourceId: 'next', nowMs },
  opened: { type: 'opened', nowMs },
  answered: { type: 'answered', sourceId: 's', nowMs },
  unanswered: { type: 'unanswered', sourceId: 's', nowMs },
  startRefused: { type: 'startRefused', sourceId: 's', nowMs },
  live: { type: 'live', sourceId: 's', nowMs },
  lost: { type: 'lost', sourceId: 's', nowMs },
  toEnd: { type: 'toEnd', nowMs },
  toStay: { type: 'toStay' },
  quiet: { type: 'quiet' },
  toStop: { type: 'toStop', nowMs },
  over: { type: 'over', isFailure: true, nowMs },
  toPause: { type: 'toPause', isPaused: true },
  threadDied: { type: 'threadDied', nowMs },
  diskFailed: { type: 'diskFailed' },
  toClose: { type: 'toClose' },
  finished: { type: 'finished' },
  uploaded: { type: 'uploaded' },
  uploadFailed: { type: 'uploadFailed', isOwn: true, nowMs }
}
const kinds = Object.keys(states) as Kind[]
const sourcedKinds = ['starting', 'waiting', 'live', 'lost'] as const

/** What every event does to every state: where it leads, or why nothing happens. */
const table: Record<EventType, Record<Kind, `→ ${Kind}` | Refusal>> = {
  asked: { idle: '→ starting', starting: 'hasSource', waiting: '→ starting', live: 'hasSource', lost: '→ starting', closing: 'ended', unstored: 'ended', gone: 'gone' },
  opened: { idle: 'notOpening', starting: 'notOpening', waiting: 'notOpening', live: 'notOpening', lost: 'notOpening', closing: 'ended', unstored: 'ended', gone: 'gone' },
  answered: { idle: 'otherSource', starting: '→ waiting', waiting: 'pushed', live: 'pushed', lost: 'pushed', closing: 'otherSource', unstored: 'otherSource', gone: 'gone' },
  unanswered: { idle: 'otherSource', starting: '→ waiting', waiting: 'pushed', live: 'pushed', lost: 'pushed', closing: 'otherSource', unstored: 'otherSource', gone: 'gone' },
  startRefused: { idle: 'otherSource', starting: '→ idle', waiting: 'pushed', live: 'pushed', lost: 'pushed', closing: 'otherSource', unstored: 'otherSource', gone: 'gone' },
  live: { idle: 'otherSource', starting: '→ live', waiting: '→ live', live: '→ live', lost: '→ live', closing: 'otherSource', unstored: 'otherSource', gone: 'gone' },
  lost: { idle: 'otherSource', starting: 'notLive', waiting: 'notLive', live: '→ lost', lost: 'notLive', closing: 'otherSource', unstored: 'otherSource', gone: 'gone' },
  toEnd: { idle: 'noSource', starting: '→ starting', waiting: '→ waiting', live: '→ live', lost: '→ lost', closing: 'ended', unstored: 'ended', gone: 'gone' },
  toStay: { idle: 'notEnding', starting: 'notEnding', waiting: 'notEnding', live: 'notEnding', lost: 'notEnding', closing: 'ended', unstored: 'ended', gone: 'gone' },
  quiet: { idle: 'notEnding', starting: 'notEnding', waiting: 'notEnding', live: 'notEnding', lost: 'notEnding', closing: 'ended', unstored: 'ended', gone: 'gone' },
  toStop: { idle: 'noSource', starting: '→ idle', waiting: '→ idle', live: '→ idle', lost: '→ idle', closing: 'ended', unstored: 'ended', gone: 'gone' },
  over: { idle: 'noSource', starting: '→ idle', waiting: '→ idle', live: '→ idle', lost: '→ idle', closing: 'ended', unstored: 'ended', gone: 'gone' },
  toPause: { idle: '→ idle', starting: '→ starting', waiting: '→ waiting', live: '→ live', lost: '→ lost', closing: 'ended', unstored: 'ended', gone: 'gone' },
  threadDied: { idle: '→ idle', starting: '→ starting', waiting: '→ waiting', live: '→ lost', lost: '→ lost', closing: '→ closing', unstored: '→ unstored', gone: 'gone' },
  diskFailed: { idle: '→ closing', starting: '→ closing', waiting: '→ closing', live: '→ closing', lost: '→ closing', closing: '→ closing', unstored: '→ unstored', gone: 'gone' },
  toClose: { idle: '→ closing', starting: 'hasSource', waiting: 'hasSource', live: 'hasSource', lost: 'hasSource', closing: 'ended', unstored: '→ closing', gone: 'gone' },
  finished: { idle: 'notClosing', starting: 'notClosing', waiting: 'notClosing', live: 'notClosing', lost: 'notClosing', closing: '→ closing', unstored: 'notClosing', gone: 'gone' },
  uploaded: { idle: 'notClosing', starting: 'notClosing', waiting: 'notClosing', live: 'notClosing', lost: 'notClosing', closing: '→ gone', unstored: 'notClosing', gone: 'gone' },
  uploadFailed: { idle: 'notClosing', starting: 'notClosing', waiting: 'notClosing', live: 'notClosing', lost: 'notClosing', closing: '→ unstored', unstored: 'notClosing', gone: 'gone' }
}

for (const [type, row] of Object.entries(table) as Array<[EventType, typeof table[EventType]]>) {
  test(`every state has its answer to '${type}'`, () => {
    for (const kind of kinds) {
      const before = structuredClone(states[kind])
      const after = next(states[kind], events[type])

      assert.equal('refused' in after ? after.refused : `→ ${after.kind}`, row[kind], `${type} when ${kind}`)
      assert.deepEqual(states[kind], before, 'the state itself stays as it is')
    }
  })
}

test('what is told of another source than the track has changes nothing', () => {
  for (const kind of kinds.filter((each) => each !== 'gone')) {
    for (const type of ['answered', 'unanswered', 'startRefused', 'live'] as const) {
      assert.deepEqual(next(states[kind], { ...events[type], sourceId: 'another' }), { refused: 'otherSource' }, `${type} when ${kind}`)
    }
  }
  assert.deepEqual(next(states.live, { ...events.lost, sourceId: 'another' }), { refused: 'otherSource' })
})

test('each try that brings nothing is followed by a longer wait, until audio arrives', () => {
  const asked = { ...events.asked, sourceId: 's' }
  const waits: number[] = []
  let state: TrackState = begun({ retryAtMs: 0, nowMs: 0 })
  for (let n = 0; n < 8; n++) {
    state = after(state, asked, [events.startRefused, events.unanswered, events.over][n % 3]!, events.toStop)
    waits.push(retryAtOf(state) - nowMs)
  }
  const heard = after(state, asked, events.live)
  const brokenOff = after(heard, events.lost, events.over)

  assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
  assert.equal(retryAtOf(brokenOff) - nowMs, 1_000)
  assert.equal(retryAtOf(after(heard, { ...events.over, isFailure: false })), retryAtOf(state), 'a source that has ended is no failure')
  assert.equal(retryAtOf(after(heard, events.toStop)), retryAtOf(state), 'who was let go may come back at once')
})

test('of two sources the first to bring audio stays, be it the older one or the newer', () => {
  const both = after(states.lost, events.asked, { ...events.answered, sourceId: 'next' })

  assert.deepEqual(sourcesOf(both), ['next', 's'])
  for (const sourceId of ['next', 's']) {
    const heard = after(both, { ...events.live, sourceId })
    assert.deepEqual([heard.kind, sourcesOf(heard)], ['live', [sourceId]])
    assert.deepEqual(next(heard, { ...events.live, sourceId: sourceId === 's' ? 'next' : 's' }), { refused: 'otherSource' })
  }
})

test('the older source may bring audio while the newer one is being asked for, whose answer then changes nothing', () => {
  const heard = after(states.waiting, events.asked, events.live)

  assert.deepEqual([heard.kind, sourcesOf(heard)], ['live', ['s']])
  for (const type of ['answered', 'unanswered', 'startRefused'] as const) assert.deepEqual(next(heard, { ...events[type], sourceId: 'next' }), { refused: 'otherSource' })
})

test('when asking for another source comes to nothing the one before may still come, and somebody else is asked for after a while', () => {
  const refused = after({ ...states.waiting, isAnswered: false }, events.asked, { ...events.startRefused, sourceId: 'next' })

  assert.partialDeepStrictEqual(refused, { kind: 'waiting', isAnswered: false, sourceId: 's', olderId: undefined, retryAtMs: nowMs + 4_000 })
  assert.deepEqual(sourcesOf(after(refused, { ...events.asked, sourceId: 'third' })), ['third', 's'])
  assert.equal(after(refused, events.live).kind, 'live')
})

test('a third source takes the place of the first', () => {
  const two = after({ ...states.waiting, isAnswered: false }, events.asked, { ...events.unanswered, sourceId: 'next' })

  assert.deepEqual(sourcesOf(after(two, { ...events.asked, sourceId: 'third' })), ['third', 'next'])
})

test('who is wanted no more is asked for nothing, and what is under way is heard until its track is closed', () => {
  for (const kind of sourcedKinds) {
    const ending = after(states[kind], events.toEnd)

    assert.deepEqual('ending' in ending && ending.ending, { sinceMs: nowMs, isQuiet: false }, kind)
    assert.deepEqual('ending' in ending && after(ending, events.quiet), { ...ending, ending: { sinceMs: nowMs, isQuiet: true } })
    assert.deepEqual([next(ending, events.asked), next(ending, { ...events.toEnd, nowMs: 9_000 })], [{ refused: 'ending' }, { refused: 'ending' }])
    assert.equal(after(ending, events.live).kind, 'live', 'what is under way is heard')
    assert.deepEqual(after(ending, events.toClose), { kind: 'closing', isOpen: true, failures: 0, ownFailures: 0 })
    assert.deepEqual(after(ending, events.toStay), states[kind], 'somebody back before that keeps the source')
  }
})

test('a quiet moment before somebody came back does not count when they leave again', () => {
  const again = after(states.live, events.toEnd, events.quiet, events.toStay, events.quiet, events.toEnd)

  assert.deepEqual(again, { ...states.live, ending: { sinceMs: nowMs, isQuiet: false } })
})

test('a track whose thread dies keeps its sources, is away from then on, and is not any more when audio comes again', () => {
  for (const kind of sourcedKinds) {
    const dead = after(states[kind], events.threadDied)
    const again = after(dead, { ...events.threadDied, nowMs: 5_000 })
    const open = after(again, { ...events.opened, nowMs: 6_000 })

    assert.partialDeepStrictEqual(dead, { kind: kind === 'live' ? 'lost' : kind, isOpen: false, sourceId: 's', awaySinceMs: nowMs })
    assert.partialDeepStrictEqual(again, { isOpen: false, awaySinceMs: nowMs }, 'it was away since the first time')
    assert.partialDeepStrictEqual(open, { isOpen: true, sinceMs: 6_000, awaySinceMs: nowMs })
    assert.partialDeepStrictEqual(after(open, events.live), { kind: 'live', awaySinceMs: undefined })
  }
})

test('a track that no thread writes can be closed without a wait: nothing of it is under way', () => {
  for (const kind of sourcedKinds) assert.equal(after(states[kind], events.threadDied, events.toClose).kind, 'closing', kind)
})

test('a track whose disk fails ends at once, and one that ends already just loses its thread', () => {
  for (const kind of ['idle', ...sourcedKinds] as const) {
    assert.deepEqual(next(states[kind], events.diskFailed), { kind: 'closing', isOpen: true, failures: 0, ownFailures: 0 })
  }
  for (const kind of ['closing', 'unstored'] as const) assert.deepEqual(next(states[kind], events.diskFailed), { ...states[kind], isOpen: false })
})

test('the track of a former owner waits for the sources that may come back, or is idle without any', () => {
  const away = { awaySinceMs: -4_000, nowMs }
  const two = resumed(['newer', 'older'], away)

  assert.deepEqual(resumed([], away), begun({ retryAtMs: 0, nowMs }))
  assert.deepEqual(two, { kind: 'lost', isOpen: false, isPaused: false, sinceMs: nowMs, retryAtMs: 0, failures: 0, sourceId: 'newer', olderId: 'older', awaySinceMs: -4_000, ending: undefined })
  assert.partialDeepStrictEqual(after(two, { ...events.opened, nowMs: 3_000 }), { isOpen: true, sinceMs: 3_000 }, 'its wait begins when a thread has it')
  assert.deepEqual(sourcesOf(after(two, events.opened, { ...events.live, sourceId: 'older' })), ['older'])
})

test('uploading begins its own count of failures, and counts those that were our own', () => {
  const closing = after(states.idle, events.toClose)
  const unstored = after(closing, events.uploadFailed, events.toClose, { ...events.uploadFailed, isOwn: false }, events.toClose, events.uploadFailed)

  assert.deepEqual(unstored, { kind: 'unstored', isOpen: true, failures: 3, ownFailures: 2, retryAtMs: nowMs + 4_000 })
})

test('a plan sees what the track records, its sources, and when it is due', () => {
  const wallMs = 1_700_000_000_000
  const seen = (state: Exclude<TrackState, { kind: 'gone' }>) => actualOf(state, wallMs)
  const source = { ids: ['s'], sinceMs: wallMs + 1_000 }
  const held = { phase: 'recording', paused: false, retryAtMs: wallMs + 900 }
  const none = { ids: [], state: 'none', sinceMs: 0 }

  assert.deepEqual(seen(states.idle), { ...held, source: { ...none, sinceMs: wallMs + 1_000 } })
  for (const state of sourcedKinds) assert.deepEqual(seen(states[state]), { ...held, source: { ...source, state } })
  assert.deepEqual(seen({ ...states.waiting, isAnswered: false, isPaused: true }), { ...held, paused: true, source: { ...source, state: 'waiting', isUnanswered: true } })
  assert.deepEqual(seen({ ...states.lost, olderId: 'older', awaySinceMs: 500, ending: { sinceMs: 700, isQuiet: true } }), {
    ...held, source: { ...source, ids: ['s', 'older'], state: 'lost', awaySinceMs: wallMs + 500, ending: { sinceMs: wallMs + 700, isQuiet: true } }
  })
  assert.deepEqual(seen(states.closing), { phase: 'closing', paused: false, retryAtMs: 0, source: none })
  assert.deepEqual(seen(states.unstored), { ...held, phase: 'unstored', source: none })
})

const eventArbitrary: fc.Arbitrary<TrackEvent> = fc.record({
  type: fc.constantFrom(...Object.keys(events) as EventType[]),
  sourceId: fc.constantFrom('s', 'next', 'another'),
  nowMs: fc.nat({ max: 9 }),
  isPaused: fc.boolean(),
  isOwn: fc.boolean(),
  isFailure: fc.boolean()
}).map(({ type, ...each }) => ({ ...events[type], ...Object.fromEntries(Object.entries(each).filter(([name]) => name in events[type])) }))

test('whatever happens, in whatever order, what has ended is not recorded again, what is gone stays gone, and no track is stuck', () => {
  const away = { awaySinceMs: -9, nowMs: 0 }
  const beginning = fc.constantFrom<TrackState[]>(begun({ retryAtMs: 0, nowMs: 0 }), inherited(), resumed(['s'], away), resumed(['s', 'next'], away))

  fc.assert(fc.property(beginning, fc.array(eventArbitrary, { maxLength: 40 }), (first, happenings) => {
    let state = first
    for (const event of happenings) {
      const then = next(state, event)
      if ('refused' in then) continue
      assert.ok(kinds.includes(then.kind))
      assert.ok(state.kind !== 'gone', 'what is gone hears nothing')
      assert.ok('isPaused' in state || !('isPaused' in then), `${state.kind} became ${then.kind}`)
      assert.equal(sourcesOf(then).length > 0, sourcedKinds.some((kind) => kind === then.kind))
      const strangers = sourcesOf(then).filter((id) => !sourcesOf(state).includes(id))
      if (strangers.length > 0) assert.deepEqual(strangers, event.type === 'asked' ? [event.sourceId] : [], 'a source comes by asking alone')
      if (isOpen(then) && !isOpen(state)) assert.equal(event.type, 'opened')
      if (then.kind === 'live') assert.equal(sourcesOf(then).length, 1, 'audio of one source is heard')
      state = then
    }

    const ending: TrackEvent[] = [events.toEnd, events.toClose, events.finished, events.uploaded]
    assert.equal(after(state, ...ending).kind, 'gone')
  }), runs(500))
})

/** Where events lead that may be refused. */
function after (state: TrackState, ...happenings: readonly TrackEvent[]): TrackState {
  return happenings.reduce((before, event) => {
    const then = next(before, event)
    return 'refused' in then ? before : then
  }, state)
}

function retryAtOf (state: TrackState): number {
  assert.ok('retryAtMs' in state)
  return state.retryAtMs
}
