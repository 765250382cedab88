import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { actualOf, begun, inherited, isOpen, next, sourceOf, type Refusal, type TrackEvent, type TrackState } from '../../../src/session/track-state.ts'
import { runs } from '../../helpers/fuzz.ts'

type Kind = TrackState['kind']
type EventType = TrackEvent['type']

const recorded = { isOpen: true, isPaused: false, sinceMs: 1_000, retryAtMs: 900, failures: 2 }
const ended = { isOpen: true, failures: 2, ownFailures: 1 }
const states: { [K in Kind]: Extract<TrackState, { kind: K }> } = {
  idle: { kind: 'idle', ...recorded },
  starting: { kind: 'starting', ...recorded, sourceId: 's' },
  waiting: { kind: 'waiting', ...recorded, sourceId: 's' },
  live: { kind: 'live', ...recorded, sourceId: 's' },
  lost: { kind: 'lost', ...recorded, sourceId: 's' },
  stopping: { kind: 'stopping', ...recorded, sourceId: 's' },
  closing: { kind: 'closing', ...ended, sourceId: 's' },
  unstored: { kind: 'unstored', ...ended, retryAtMs: 900 },
  gone: { kind: 'gone' }
}
const nowMs = 2_000
const events: { [T in EventType]: Extract<TrackEvent, { type: T }> } = {
  asked: { type: 'asked', sourceId: 's', nowMs },
  opened: { type: 'opened' },
  answered: { type: 'answered', sourceId: 's', nowMs },
  startRefused: { type: 'startRefused', sourceId: 's', nowMs },
  live: { type: 'live', nowMs },
  lost: { type: 'lost', nowMs },
  toStop: { type: 'toStop', nowMs },
  over: { type: 'over', nowMs },
  stopped: { type: 'stopped', sourceId: 's', nowMs },
  toPause: { type: 'toPause', isPaused: true },
  broken: { type: 'broken' },
  toClose: { type: 'toClose' },
  finished: { type: 'finished' },
  uploaded: { type: 'uploaded' },
  uploadFailed: { type: 'uploadFailed', isOwn: true, nowMs }
}
const kinds = Object.keys(states) as Kind[]

/** What every event does to every state: where it leads, or why nothing happens. */
const table: Record<EventType, Record<Kind, `→ ${Kind}` | Refusal>> = {
  asked: { idle: '→ starting', starting: 'hasSource', waiting: 'hasSource', live: 'hasSource', lost: 'hasSource', stopping: 'hasSource', closing: 'ended', unstored: 'ended', gone: 'gone' },
  opened: { idle: 'notStarting', starting: '→ starting', waiting: 'notStarting', live: 'notStarting', lost: 'notStarting', stopping: 'notStarting', closing: 'ended', unstored: 'ended', gone: 'gone' },
  answered: { idle: 'otherSource', starting: '→ waiting', waiting: 'pushed', live: 'pushed', lost: 'pushed', stopping: 'stopping', closing: 'ended', unstored: 'otherSource', gone: 'gone' },
  startRefused: { idle: 'otherSource', starting: '→ stopping', waiting: 'pushed', live: 'pushed', lost: 'pushed', stopping: '→ stopping', closing: 'ended', unstored: 'otherSource', gone: 'gone' },
  live: { idle: 'noSource', starting: '→ live', waiting: '→ live', live: '→ live', lost: '→ live', stopping: 'stopping', closing: 'ended', unstored: 'ended', gone: 'gone' },
  lost: { idle: 'notLive', starting: 'notLive', waiting: 'notLive', live: '→ lost', lost: 'notLive', stopping: 'notLive', closing: 'ended', unstored: 'ended', gone: 'gone' },
  toStop: { idle: 'noSource', starting: 'notAnswered', waiting: '→ stopping', live: '→ stopping', lost: '→ stopping', stopping: 'stopping', closing: 'ended', unstored: 'ended', gone: 'gone' },
  over: { idle: 'noSource', starting: 'notAnswered', waiting: '→ stopping', live: '→ stopping', lost: '→ stopping', stopping: 'stopping', closing: 'ended', unstored: 'ended', gone: 'gone' },
  stopped: { idle: 'otherSource', starting: 'notStopping', waiting: 'notStopping', live: 'notStopping', lost: 'notStopping', stopping: '→ idle', closing: '→ closing', unstored: 'otherSource', gone: 'gone' },
  toPause: { idle: '→ idle', starting: '→ starting', waiting: '→ waiting', live: '→ live', lost: '→ lost', stopping: '→ stopping', closing: 'ended', unstored: 'ended', gone: 'gone' },
  broken: { idle: '→ closing', starting: '→ closing', waiting: '→ closing', live: '→ closing', lost: '→ closing', stopping: '→ closing', closing: 'ended', unstored: 'ended', gone: 'gone' },
  toClose: { idle: '→ closing', starting: 'hasSource', waiting: 'hasSource', live: 'hasSource', lost: 'hasSource', stopping: 'hasSource', closing: 'ended', unstored: '→ closing', gone: 'gone' },
  finished: { idle: 'notClosing', starting: 'notClosing', waiting: 'notClosing', live: 'notClosing', lost: 'notClosing', stopping: 'notClosing', closing: '→ closing', unstored: 'notClosing', gone: 'gone' },
  uploaded: { idle: 'notClosing', starting: 'notClosing', waiting: 'notClosing', live: 'notClosing', lost: 'notClosing', stopping: 'notClosing', closing: '→ gone', unstored: 'notClosing', gone: 'gone' },
  uploadFailed: { idle: 'notClosing', starting: 'notClosing', waiting: 'notClosing', live: 'notClosing', lost: 'notClosing', stopping: 'notClosing', closing: '→ unstored', unstored: 'notClosing', gone: 'gone' }
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
    for (const type of ['answered', 'startRefused', 'stopped'] as const) {
      assert.deepEqual(next(states[kind], { ...events[type], sourceId: 'another' }), { refused: 'otherSource' }, `${type} when ${kind}`)
    }
  }
})

test('each try that brings nothing is followed by a longer wait, until audio arrives', () => {
  const tries = [events.asked, events.startRefused, events.stopped]
  const waits: number[] = []
  let state: TrackState = begun({ retryAtMs: 0, nowMs: 0 })
  for (let n = 0; n < 8; n++) {
    state = after(state, ...tries)
    waits.push(retryAtOf(state) - nowMs)
  }
  const heard = after(state, events.asked, events.live)
  const brokenOff = after(heard, events.lost, events.over, events.stopped)

  assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
  assert.equal(retryAtOf(brokenOff) - nowMs, 1_000)
  assert.equal(retryAtOf(after(heard, events.toStop, events.stopped)), retryAtOf(state), 'who was let go may come back at once')
})

test('uploading begins its own count of failures, and counts those that were our own', () => {
  const closing = after(states.idle, events.toClose)
  const unstored = after(closing, events.uploadFailed, events.toClose, { ...events.uploadFailed, isOwn: false }, events.toClose, events.uploadFailed)

  assert.deepEqual(unstored, { kind: 'unstored', isOpen: true, failures: 3, ownFailures: 2, retryAtMs: nowMs + 4_000 })
})

test('a plan sees what the track records, its source, and when it is due', () => {
  const wallMs = 1_700_000_000_000
  const seen = (kind: Exclude<Kind, 'gone'>) => actualOf(states[kind], wallMs)
  const source = { id: 's', sinceMs: wallMs + 1_000 }
  const held = { phase: 'recording', paused: false, retryAtMs: wallMs + 900 }

  assert.deepEqual(seen('idle'), { ...held, source: { ...source, id: undefined, state: 'none' } })
  for (const state of ['starting', 'waiting', 'live', 'lost', 'stopping'] as const) assert.deepEqual(seen(state), { ...held, source: { ...source, state } })
  assert.deepEqual(seen('closing'), { phase: 'closing', paused: false, retryAtMs: 0, source: { id: 's', state: 'stopping', sinceMs: 0 } })
  assert.deepEqual(seen('unstored'), { ...held, phase: 'unstored', source: { id: undefined, state: 'none', sinceMs: 0 } })
})

const eventArbitrary: fc.Arbitrary<TrackEvent> = fc.record({
  type: fc.constantFrom(...Object.keys(events) as EventType[]),
  sourceId: fc.constantFrom('s', 'another'),
  nowMs: fc.nat({ max: 9 }),
  isPaused: fc.boolean(),
  isOwn: fc.boolean()
}).map(({ type, ...each }) => ({ ...events[type], ...Object.fromEntries(Object.entries(each).filter(([name]) => name in events[type])) }))

test('whatever happens, in whatever order, what has ended is not recorded again, what is gone stays gone, and no track is stuck', () => {
  const beginning = fc.constantFrom<TrackState[]>(begun({ retryAtMs: 0, nowMs: 0 }), inherited())

  fc.assert(fc.property(beginning, fc.array(eventArbitrary, { maxLength: 40 }), (first, happenings) => {
    let state = first
    for (const event of happenings) {
      const then = next(state, event)
      if ('refused' in then) continue
      assert.ok(kinds.includes(then.kind))
      assert.ok(state.kind !== 'gone', 'what is gone hears nothing')
      assert.ok('isPaused' in state || !('isPaused' in then), `${state.kind} became ${then.kind}`)
      if (then.kind !== 'closing') assert.equal(sourceOf(then) !== undefined, ['starting', 'waiting', 'live', 'lost', 'stopping'].includes(then.kind))
      if (isOpen(then) && !isOpen(state)) assert.equal(event.type, 'opened')
      state = then
    }

    const own = { sourceId: sourceOf(state) ?? 's', nowMs }
    const ending: TrackEvent[] = [{ type: 'answered', ...own }, events.toStop, { type: 'stopped', ...own }, events.toClose, events.finished, events.uploaded]
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
