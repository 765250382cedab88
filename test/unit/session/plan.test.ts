import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isPushed, latestEndMs, plan, type Action, type Actual, type Desired } from '../../../src/session/plan.ts'
import { memberChange } from '../../../src/rooms/members.ts'
import type { PauseRow } from '../../../src/state/pauses.ts'
import type { RecordingRow } from '../../../src/state/recordings.ts'
import type { MemberRow, RoomRows } from '../../../src/state/rooms.ts'
import type { SourceWithTask } from '../../../src/state/sources.ts'
import type { TrackRow } from '../../../src/state/tracks.ts'
import type { RoomEvent } from '../../../src/trtc/room-event.ts'

const createdMs = 1_000_000

function recording (change: Partial<RecordingRow> = {}): RecordingRow {
  return {
    id: 'rec_1',
    tenantId: 'ten_1',
    sdkAppId: 1,
    roomKey: 's:room',
    userId: 'recorder',
    status: 'Pending',
    reason: null,
    message: '',
    generation: 1,
    nodeId: 'node_1',
    jobId: 'job',
    options: { strRoomId: 'room', subscribe: {}, policies: [], fillGaps: true, maxDurationSeconds: 600, maxIdleSeconds: 60, metadata: {} },
    sealedSecrets: '',
    stopRequestedMs: null,
    createdMs,
    startedMs: null,
    endedMs: null,
    completedMs: null,
    timelineFile: null,
    ...change
  }
}

function member (userId: string, change: Partial<MemberRow> = {}): MemberRow {
  const atMs = createdMs + 1
  return {
    sdkAppId: 1, roomKey: 's:room', userId, present: true, presentMs: atMs, anchor: true, anchorMs: atMs, audible: null, audibleMs: 0, anchoredMs: atMs, kickedMs: 0, ...change
  }
}

const here = { id: 'spl_here', lost: new Set<string>() }

function track (id: string, userId: string, closedMs: number | null = null): TrackRow {
  return { id, recordingId: 'rec_1', userId, number: 1, generation: 1, label: '', createdMs, closedMs, message: '', spoolId: here.id, audioMs: null, lostMs: null }
}

function source (id: string, userId: string, relayStatus: string | null = null): SourceWithTask {
  return { id, recordingId: 'rec_1', engine: 'relay', userId, generation: 1, robotId: 'robot', relayStatus, createdMs, stoppedMs: null }
}

function actual (trackId: string, userId: string, change: Partial<Actual> = {}): Actual {
  return { trackId, userId, phase: 'recording', source: { id: undefined, state: 'none', sinceMs: 0 }, paused: false, retryAtMs: 0, ...change }
}

function pause (userId: string | null): PauseRow {
  return { id: 'pau', recordingId: 'rec_1', userId, startMs: createdMs, endMs: null }
}

function desired (change: Partial<Desired> = {}): Desired {
  return { recording: recording(), room: { dismissedMs: 0, members: [] }, tracks: [], sources: [], pauses: [], spool: here, ...change }
}

const live = (id: string): Actual['source'] => ({ id, state: 'live', sinceMs: createdMs })
const room = (...members: MemberRow[]): RoomRows => ({ dismissedMs: 0, members })
const nowMs = createdMs + 5_000

test('an anchor without a track gets one, its audio is asked for, and then nothing is to be done', () => {
  const there = desired({ room: room(member('anna')) })
  const recorded = desired({ room: room(member('anna')), tracks: [track('t', 'anna')], sources: [source('s', 'anna')] })

  assert.deepEqual(plan(there, [], nowMs), [{ type: 'record', userId: 'anna' }])
  assert.deepEqual(plan(there, [actual('t', 'anna')], nowMs), [{ type: 'connect', trackId: 't' }])
  assert.deepEqual(plan(there, [actual('t', 'anna', { retryAtMs: nowMs + 1 })], nowMs), [])
  assert.deepEqual(plan(recorded, [actual('t', 'anna', { source: live('s') })], nowMs), [])
})

test('the recorder, the audience and who is not subscribed are not recorded', () => {
  const members = [member('recorder'), member('listens', { anchor: false }), member('excluded'), member('anna')]
  const { options } = recording()
  const state = desired({ recording: recording({ options: { ...options, subscribe: { excludeUserIds: ['ex*'] } } }), room: room(...members) })

  assert.deepEqual(plan(state, [], nowMs), [{ type: 'record', userId: 'anna' }])
})

test('who leaves is no longer pushed, but the track waits for a return', () => {
  const state = desired({ room: room(member('anna', { present: false }), member('ben')), tracks: [track('t', 'anna'), track('u', 'ben')], sources: [source('s', 'anna'), source('r', 'ben')] })
  const ben = actual('u', 'ben', { source: live('r') })

  assert.deepEqual(plan(state, [actual('t', 'anna', { source: live('s') }), ben], nowMs), [{ type: 'disconnect', trackId: 't', over: false }])
  assert.deepEqual(plan({ ...state, sources: [source('r', 'ben')] }, [actual('t', 'anna'), ben], nowMs), [])
})

test('a relay that gave up, by its own word or by time, is asked for again', () => {
  for (const [status, state, sinceMs] of [['failed', 'lost', nowMs], ['idle', 'waiting', nowMs], ['running', 'lost', nowMs - 70_001]] as const) {
    const held = actual('t', 'anna', { source: { id: 's', state, sinceMs } })
    const given = desired({ room: room(member('anna')), tracks: [track('t', 'anna')], sources: [source('s', 'anna', status)] })
    assert.deepEqual(plan(given, [held], nowMs), [{ type: 'disconnect', trackId: 't', over: true }], status)
  }
  const recovering = actual('t', 'anna', { source: { id: 's', state: 'lost', sinceMs: nowMs - 60_000 } })
  assert.deepEqual(plan(desired({ room: room(member('anna')), tracks: [track('t', 'anna')], sources: [source('s', 'anna', 'recovering')] }), [recovering], nowMs), [])
})

test('a relay that brings nothing of somebody who has long been talking is over, one of somebody silent is not', () => {
  const waiting = actual('t', 'anna', { source: { id: 's', state: 'waiting', sinceMs: createdMs } })
  const actions = (audible: boolean, atMs: number): Action[] => plan(desired({
    room: room(member('anna', { audible, audibleMs: createdMs + 1_000 })),
    tracks: [track('t', 'anna')],
    sources: [source('s', 'anna', 'running')]
  }), [waiting], atMs)

  assert.deepEqual(actions(true, createdMs + 71_000), [])
  assert.deepEqual(actions(true, createdMs + 71_001), [{ type: 'disconnect', trackId: 't', over: true }])
  assert.deepEqual(actions(false, createdMs + 500_000), [])
})

test('who is paused, alone or with all, is paused before anything is asked for, stays connected, and goes on when no pause is left', () => {
  const state = (...pauses: PauseRow[]): Desired => desired({ room: room(member('anna')), tracks: [track('t', 'anna')], sources: [source('s', 'anna')], pauses })
  const actions = (pauses: PauseRow[], change: Partial<Actual>): Action[] => plan(state(...pauses), [actual('t', 'anna', { source: live('s'), ...change })], nowMs)

  const begun = plan(desired({ room: room(member('anna')), pauses: [pause('anna')] }), [actual('t', 'anna')], nowMs)
  assert.deepEqual(begun, [{ type: 'pause', trackId: 't', paused: true }, { type: 'connect', trackId: 't' }])
  assert.deepEqual(actions([pause(null)], {}), [{ type: 'pause', trackId: 't', paused: true }])
  assert.deepEqual(actions([pause(null), pause('anna')], { paused: true }), [])
  assert.deepEqual(actions([pause('anna')], { paused: true }), [])
  assert.deepEqual(actions([pause('ben')], { paused: true }), [{ type: 'pause', trackId: 't', paused: false }])
})

test('a pause keeps no recording from ending', () => {
  const idle = desired({ room: room(member('anna', { present: false, anchoredMs: createdMs })), pauses: [pause(null)] })

  assert.deepEqual(plan(idle, [], createdMs + 60_000), [{ type: 'end', reason: 'IdleTimeout' }])
})

test('what a former owner left is closed and stopped beside what goes on', () => {
  const state = desired({ room: room(member('anna')), tracks: [track('old', 'anna'), track('done', 'anna', 5)], sources: [source('old-source', 'anna')] })

  assert.deepEqual(plan(state, [], nowMs), [{ type: 'record', userId: 'anna' }, { type: 'close', trackId: 'old' }, { type: 'abandon', sourceId: 'old-source' }])
})

const ends: [string, Partial<Desired>, number, string | undefined][] = [
  ['a stop call', { recording: recording({ stopRequestedMs: 1 }), room: room(member('anna')) }, nowMs, 'StopRequested'],
  ['a dismissal', { room: { dismissedMs: createdMs + 1, members: [] } }, nowMs, 'RoomDismissed'],
  ['a dismissal of before the recording', { room: { dismissedMs: createdMs - 1, members: [] } }, nowMs, undefined],
  ['the removal of the recorder', { room: room(member('anna'), member('recorder', { kickedMs: createdMs + 1 })) }, nowMs, 'RecorderRemoved'],
  ['a removal of before the recording', { room: room(member('anna'), member('recorder', { kickedMs: createdMs - 1 })) }, nowMs, undefined],
  ['the removal of an anchor', { room: room(member('anna'), member('ben', { kickedMs: createdMs + 1, present: false })) }, nowMs, undefined],
  ['a minute without anchors', { room: room(member('anna', { present: false, anchoredMs: createdMs + 1_000 })) }, createdMs + 61_000, 'IdleTimeout'],
  ['almost a minute without anchors', { room: room(member('anna', { present: false, anchoredMs: createdMs + 1_000 })) }, createdMs + 60_999, undefined],
  ['a minute in which nobody came', {}, createdMs + 60_000, 'IdleTimeout'],
  ['ten minutes', { room: room(member('anna')) }, createdMs + 600_000, 'MaxDurationReached']
]

for (const [name, change, atMs, reason] of ends) {
  test(`${name} ${reason === undefined ? 'ends nothing' : `ends the recording with ${reason}`}`, () => {
    assert.deepEqual(plan(desired(change), [], atMs).find(({ type }) => type === 'end'), reason === undefined ? undefined : { type: 'end', reason })
  })
}

test('a reason that is stored is final, whatever happens after it', () => {
  const state = desired({ recording: recording({ reason: 'StopRequested' }), room: { dismissedMs: createdMs + 9, members: [member('anna', { presentMs: createdMs + 10 })] } })

  assert.deepEqual(plan(state, [], createdMs + 700_000), [{ type: 'timeline' }])
})

test('a recording is complete when its timeline is stored, or can never be', () => {
  for (const timelineFile of ['https://bucket/timeline.json', '']) {
    assert.deepEqual(plan(desired({ recording: recording({ reason: 'StopRequested', timelineFile }) }), [], nowMs), [{ type: 'complete' }])
  }
})

test('time alone ends a recording exactly when it said so', () => {
  fc.assert(fc.property(fc.boolean(), fc.integer({ min: 0, max: 400_000 }), (present, anchoredMs) => {
    const state = desired({ room: room(member('anna', { present, anchoredMs: createdMs + anchoredMs })) })
    const endMs = latestEndMs(state)

    const ended = (atMs: number): boolean => plan(state, [], atMs).some(({ type }) => type === 'end')
    assert.deepEqual([ended(endMs - 1), ended(endMs)], [false, true])
  }))
})

const eventArbitrary = fc.record({
  userId: fc.constantFrom('anna', 'ben', 'recorder'),
  eventMs: fc.integer({ min: createdMs - 2, max: createdMs + 8 }),
  kind: fc.constantFrom('userEntered' as const, 'userLeft' as const, 'roleChanged' as const, 'audioStarted' as const, 'audioStopped' as const, 'roomDismissed' as const),
  role: fc.constantFrom('anchor' as const, 'audience' as const),
  reason: fc.constantFrom('normal' as const, 'removed' as const)
}).map((event) => ({ ...event, group: 1, type: 0, roomId: 'room', sentMs: 0 }))

/** The room as the database merges it: per user and aspect the newest counts, of two at one moment the one that keeps a speaker. */
function roomAfter (events: readonly RoomEvent[]): RoomRows {
  const members = new Map<string, MemberRow>()
  let dismissedMs = 0
  for (const event of events) {
    if (event.kind === 'roomDismissed') dismissedMs = Math.max(dismissedMs, event.eventMs)
    const change = memberChange(event)
    if (change === undefined) continue
    const row = members.get(change.userId) ?? member(change.userId, { present: null, presentMs: 0, anchor: null, anchorMs: 0, anchoredMs: 0 })
    for (const aspect of ['present', 'anchor', 'audible'] as const) {
      const told = change[aspect]
      const atMs = row[`${aspect}Ms`]
      if (told === undefined || told.atMs < atMs) continue
      row[aspect] = told.atMs > atMs ? told.value : row[aspect] === true || told.value
      row[`${aspect}Ms`] = told.atMs
    }
    row.anchoredMs = Math.max(row.anchoredMs, change.anchoredMs ?? 0)
    row.kickedMs = Math.max(row.kickedMs, change.kickedMs ?? 0)
    members.set(change.userId, row)
  }
  return { dismissedMs, members: [...members.values()].sort((a, b) => a.userId.localeCompare(b.userId)) }
}

test('the same events in any order, and any number of times, end in the same plan', () => {
  const disordered = fc.array(eventArbitrary, { minLength: 1, maxLength: 12 })
    .chain((events) => fc.tuple(fc.constant(events), fc.shuffledSubarray([...events, ...events, ...events], { minLength: events.length * 3 })))
  const running = [actual('t', 'anna', { source: live('s') }), actual('u', 'ben')]

  fc.assert(fc.property(disordered, fc.boolean(), ([events, disorder], started) => {
    const of = (order: readonly RoomEvent[]): Action[] => plan(desired({ room: roomAfter(order) }), started ? running : [], nowMs)
    assert.deepEqual(of(disorder), of(events))
  }), { numRuns: 500 })
})

/** A recording whose actions are carried out by a world that may fail at every step. */
test('the track of another spool is left alone while that may come back, and the recording waits for it', () => {
  const tracks = [{ ...track('t1', 'anna'), spoolId: 'spl_other' }]
  const ended = recording({ reason: 'StopRequested', endedMs: nowMs, timelineFile: 'url' })

  assert.deepEqual(plan(desired({ tracks }), [], nowMs), [])
  assert.deepEqual(plan(desired({ recording: ended, tracks }), [], nowMs), [])
  assert.deepEqual(plan(desired({ recording: ended, tracks: [{ ...track('t1', 'anna'), spoolId: null }] }), [], nowMs), [], 'nor one that nobody has claimed')
})

test('the track of a spool that did not come back is closed without its audio, once', () => {
  const lost = { id: here.id, lost: new Set(['spl_other']) }
  const other = { ...track('t1', 'anna'), spoolId: 'spl_other' }

  assert.deepEqual(plan(desired({ tracks: [other, track('t2', 'anna')], spool: lost }), [], nowMs), [{ type: 'lose', trackId: 't1' }, { type: 'close', trackId: 't2' }])
  assert.deepEqual(plan(desired({ tracks: [{ ...other, closedMs: nowMs }], spool: lost }), [], nowMs), [])
})

class Model {
  recording = recording()
  room: RoomRows = room()
  tracks: TrackRow[] = []
  sources: SourceWithTask[] = []
  pauses: PauseRow[] = []
  actual: Actual[] = []
  nowMs = createdMs
  completed = false
  #ids = 0

  desired (): Desired { return { recording: this.recording, room: this.room, tracks: this.tracks, sources: this.sources, pauses: this.pauses, spool: here } }

  /** One round of the session: plan and act; then the world answers, well or badly. */
  round (fails: () => boolean): void {
    this.nowMs += 1_000
    const actions = plan(this.desired(), this.actual, this.nowMs)
    assert.deepEqual(plan(this.desired(), this.actual, this.nowMs), actions, 'planning changes nothing')
    for (const action of actions) this.#act(action, fails)
    const users = this.actual.filter(({ phase }) => phase === 'recording').map(({ userId }) => userId)
    assert.equal(new Set(users).size, users.length, 'nobody is recorded twice at once')
    for (const each of this.actual) this.#answer(each, fails)
  }

  /** As the database has it: a scope is paused once, whoever asks for it again. */
  request ({ userId, paused }: PauseRequest): void {
    this.pauses = this.pauses.filter((pause) => pause.userId !== userId)
    if (paused) this.pauses.push(pause(userId))
  }

  /** The owner is gone, the stored state is not. */
  crash (): void {
    this.actual = []
    this.recording = { ...this.recording, generation: this.recording.generation + 1 }
  }

  #act (action: Action, fails: () => boolean): void {
    switch (action.type) {
      case 'end': this.recording = { ...this.recording, reason: action.reason }; break
      case 'record': this.actual.push(actual(`t${++this.#ids}`, action.userId)); break
      case 'connect': {
        const held = this.#held(action.trackId)
        assert.equal(held.source.state, 'none')
        assert.ok(this.nowMs >= held.retryAtMs, 'nobody is asked before it is time')
        if (!this.tracks.some(({ id }) => id === held.trackId)) this.tracks.push(track(held.trackId, held.userId))
        const id = `s${++this.#ids}`
        this.sources.push(source(id, held.userId))
        held.source = { id, state: 'starting', sinceMs: this.nowMs }
        break
      }
      case 'pause': {
        const held = this.#held(action.trackId)
        assert.notEqual(held.paused, action.paused)
        held.paused = action.paused
        break
      }
      case 'disconnect': {
        const held = this.#held(action.trackId)
        assert.ok(isPushed(held))
        held.source = { ...held.source, state: 'stopping' }
        break
      }
      case 'close': {
        const held = this.actual.find(({ trackId }) => trackId === action.trackId)
        if (held === undefined) this.actual.push(actual(action.trackId, 'somebody', { phase: 'closing' }))
        else {
          assert.ok(held.phase !== 'unstored' || this.nowMs >= held.retryAtMs, 'nothing is stored again before it is time')
          held.phase = 'closing'
        }
        break
      }
      case 'lose':
        assert.fail('every track is in the spool of this gateway')
        break
      case 'abandon': this.sources = this.sources.filter(({ id }) => id !== action.sourceId); break
      case 'timeline':
        this.#assertDone()
        if (!fails()) this.recording = { ...this.recording, timelineFile: 'url' }
        break
      case 'complete':
        assert.equal(this.recording.timelineFile, 'url')
        this.#assertDone()
        this.completed = true
        break
      default: action satisfies never
    }
  }

  #assertDone (): void {
    assert.ok(this.actual.length === 0 && this.sources.length === 0 && this.tracks.every(({ closedMs }) => closedMs !== null), 'nothing is left behind')
  }

  #held (trackId: string): Actual {
    const held = this.actual.find((each) => each.trackId === trackId)
    assert.ok(held !== undefined, `action for ${trackId}, which nobody has`)
    return held
  }

  #answer (held: Actual, fails: () => boolean): void {
    const none = { id: undefined, state: 'none', sinceMs: this.nowMs } as const
    const { source } = held
    if (held.phase === 'closing') {
      if (fails()) Object.assign(held, { phase: 'unstored', retryAtMs: this.nowMs + 2_000 })
      else {
        this.tracks = this.tracks.map((row) => row.id === held.trackId ? { ...row, closedMs: this.nowMs } : row)
        this.actual = this.actual.filter((each) => each !== held)
      }
    } else if (source.state === 'starting') {
      if (fails()) Object.assign(held, { source: none, retryAtMs: this.nowMs + 2_000 }) // and its source stays, for somebody to abandon
      else held.source = { ...source, state: 'live' }
    } else if (source.state === 'stopping') {
      this.sources = this.sources.filter(({ id }) => id !== source.id)
      held.source = none
    } else if (source.state === 'live' && fails()) {
      held.source = { ...source, state: 'lost', sinceMs: this.nowMs }
    }
  }
}

test('whatever fails on the way, and however often the owner dies, a recording that was ended completes', () => {
  const step = fc.record({
    anna: fc.boolean(),
    ben: fc.boolean(),
    crash: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    fails: fc.infiniteStream(fc.boolean())
  })

  fc.assert(fc.property(fc.array(step, { maxLength: 15 }), (steps) => {
    const model = new Model()
    for (const { anna, ben, crash, fails } of steps) {
      model.room = room(member('anna', { present: anna, anchoredMs: model.nowMs }), member('ben', { present: ben, anchoredMs: model.nowMs }))
      if (crash) model.crash()
      model.round(() => fails.next().value === true)
      assert.equal(model.completed, false)
    }
    model.recording = { ...model.recording, stopRequestedMs: model.nowMs }
    for (let round = 0; round < 12 && !model.completed; round++) model.round(() => false)
    assert.ok(model.completed, 'twelve rounds without a failure are enough')
    assert.equal(model.recording.reason, 'StopRequested')
  }), { numRuns: 300 })
})

interface PauseRequest { userId: string | null, paused: boolean }

test('requests to pause and resume end in what was asked last of each, however often they come and whatever happens between', () => {
  const scopes = [null, 'anna', 'ben']
  const requests = fc.tuple(...scopes.map((userId) => fc.array(fc.record({ userId: fc.constant(userId), paused: fc.boolean() }), { maxLength: 4 })))
  const crash = fc.nat({ max: 5 }).map((n) => n === 0)
  const happening = fc.record({ scope: fc.nat({ max: 2 }), times: fc.integer({ min: 1, max: 3 }), rounds: fc.nat({ max: 2 }), crash })
  const order = fc.array(happening, { minLength: 12, maxLength: 12 })

  fc.assert(fc.property(requests, order, fc.infiniteStream(fc.boolean()), (asked, happenings, fails) => {
    const model = new Model()
    model.room = room(member('anna'), member('ben'))
    const queues = asked.map((each) => [...each])
    for (const { scope, times, rounds, crash } of happenings) {
      const request = (queues[scope]?.length ? queues[scope] : queues.find(({ length }) => length > 0))?.shift()
      if (request !== undefined) for (let n = 0; n < times; n++) model.request(request)
      if (crash) model.crash()
      for (let n = 0; n < rounds; n++) model.round(() => fails.next().value === true)
    }
    for (let n = 0; n < 8; n++) model.round(() => false)

    const last = (userId: string | null): boolean => asked[scopes.indexOf(userId)]?.at(-1)?.paused ?? false
    const states = model.actual.filter(({ phase }) => phase === 'recording').map(({ userId, paused }) => [userId, paused])
    assert.deepEqual(states.sort(), ['anna', 'ben'].map((userId) => [userId, last(null) || last(userId)]))
  }), { numRuns: 300 })
})
