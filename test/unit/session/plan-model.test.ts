import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { plan, type Action, type Actual, type Desired } from '../../../src/session/plan.ts'
import { memberChange } from '../../../src/rooms/members.ts'
import { actualOf, begun, inherited, isOpen, isPaused, next, resumed, sourcesOf, type TrackEvent, type TrackState } from '../../../src/session/track-state.ts'
import type { PauseRow } from '../../../src/state/pauses.ts'
import type { MemberRow, RoomRows } from '../../../src/state/rooms.ts'
import type { SourceWithTask } from '../../../src/state/sources.ts'
import type { TrackRow } from '../../../src/state/tracks.ts'
import type { RoomEvent } from '../../../src/trtc/room-event.ts'
import { runs } from '../../helpers/fuzz.ts'
import { actual, createdMs, desired, here, live, member, nowMs, pause, recording, room, source, spool, track } from '../../helpers/plan-states.ts'

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
    if (change === undefined || !('eventMs' in event)) continue
    const row = members.get(change.userId) ?? member(change.userId, { present: null, presentMs: 0, anchor: null, anchorMs: 0, anchoredMs: 0, lastEventMs: 0 })
    for (const aspect of ['present', 'anchor', 'audible'] as const) {
      const told = change[aspect]
      const atMs = row[`${aspect}Ms`]
      if (told === undefined || told.atMs < atMs) continue
      row[aspect] = told.atMs > atMs ? told.value : row[aspect] === true || told.value
      row[`${aspect}Ms`] = told.atMs
    }
    row.anchoredMs = Math.max(row.anchoredMs, change.anchoredMs ?? 0)
    row.kickedMs = Math.max(row.kickedMs, change.kickedMs ?? 0)
    row.lastEventMs = Math.max(row.lastEventMs, event.eventMs)
    members.set(change.userId, row)
  }
  return { ...room(...[...members.values()].sort((a, b) => a.userId.localeCompare(b.userId))), dismissedMs }
}

test('the same events in any order, and any number of times, end in the same plan', () => {
  const disordered = fc.array(eventArbitrary, { minLength: 1, maxLength: 12 })
    .chain((events) => fc.tuple(fc.constant(events), fc.shuffledSubarray([...events, ...events, ...events], { minLength: events.length * 3 })))
  const running = [actual('t', 'anna', { source: live('s') }), actual('u', 'ben')]

  fc.assert(fc.property(disordered, fc.boolean(), ([events, disorder], started) => {
    const of = (order: readonly RoomEvent[]): Action[] => plan(desired({ room: roomAfter(order) }), started ? running : [], here(), nowMs)
    assert.deepEqual(of(disorder), of(events))
  }), runs(500))
})

interface PauseRequest { userId: string | null, paused: boolean }

type Open = Exclude<TrackState, { kind: 'gone' }>

/**
 * A recording whose actions are carried out, by the real state machine of tracks, in a world that may fail at every step. What is stored outlives
 * a crash; what this process is doing does not. `performance.now()` and the wall clock are one here.
 */
class Model {
  recording = recording({ options: { ...recording().options, maxDurationSeconds: 1_000_000, maxIdleSeconds: 1_000_000 } })
  room: RoomRows = room()
  tracks: TrackRow[] = []
  sources: SourceWithTask[] = []
  pauses: PauseRow[] = []
  nowMs = createdMs
  completed = false
  /** No push reaches us. */
  isDeaf = false
  /** What was done, by kind of action. */
  readonly done = new Map<Action['type'], number>()
  readonly #held = new Map<string, { userId: string, state: Open }>()
  #isThreadUp = true
  #awaySinceMs: number | undefined
  #ids = 0

  desired (): Desired { return { recording: this.recording, room: this.room, tracks: this.tracks, sources: this.sources, pauses: this.pauses, spool } }

  actual (): Actual[] {
    const reach = (state: Open): Actual['reach'] => isOpen(state) || sourcesOf(state).length === 0 ? 'open' : this.#isThreadUp ? 'up' : 'down'
    return [...this.#held].map(([trackId, { userId, state }]) => ({ trackId, userId, reach: reach(state), ...actualOf(state, 0) }))
  }

  stateOf (userId: string): Open | undefined {
    return [...this.#held.values()].find((each) => each.userId === userId && 'isPaused' in each.state)?.state
  }

  /** One round of the session: plan and act; then the world answers, well or badly. */
  round (fails: () => boolean): void {
    this.nowMs += 1_000
    const [given, held] = [this.desired(), this.actual()]
    const about = here({ awaySinceMs: this.#awaySinceMs, listeningSinceMs: this.#awaySinceMs ?? createdMs })
    const actions = plan(given, held, about, this.nowMs)
    assert.deepEqual(plan(given, held, about, this.nowMs), actions, 'planning changes nothing')
    for (const action of actions) this.#act(action, fails)
    const users = [...this.#held.values()].filter(({ state }) => 'isPaused' in state).map(({ userId }) => userId)
    assert.equal(new Set(users).size, users.length, 'nobody is recorded twice at once')
    this.#isThreadUp ||= !fails()
    for (const trackId of [...this.#held.keys()]) this.#answer(trackId, fails)
  }

  /** An event of a user, newer than all before. */
  tell (userId: string, change: Partial<MemberRow>): void {
    const before = this.room.members.filter((each) => each.userId !== userId)
    const row = { presentMs: this.nowMs, anchorMs: this.nowMs, audibleMs: this.nowMs, anchoredMs: this.nowMs, lastEventMs: this.nowMs, heardMs: this.nowMs }
    this.room = room(...before, member(userId, { ...row, ...change }))
  }

  /** As the database has it: a scope is paused once, whoever asks for it again. */
  request ({ userId, paused }: PauseRequest): void {
    this.pauses = this.pauses.filter((pause) => pause.userId !== userId)
    if (paused) this.pauses.push(pause(userId))
  }

  /** The owner is gone for a while, the stored state is not. */
  crash (awayMs: number): void {
    this.#held.clear()
    this.#isThreadUp = true
    this.#awaySinceMs = this.nowMs
    this.nowMs += awayMs
    this.recording = { ...this.recording, generation: this.recording.generation + 1 }
  }

  killThread (): void {
    this.#isThreadUp = false
    for (const [trackId, { state }] of this.#held) if (isOpen(state)) this.#step(trackId, { type: 'threadDied', nowMs: this.nowMs })
  }

  failDisk (): void {
    for (const [trackId, { state }] of this.#held) if (isOpen(state) && 'isPaused' in state) this.#step(trackId, { type: 'diskFailed' })
  }

  #act (action: Action, fails: () => boolean): void {
    this.done.set(action.type, (this.done.get(action.type) ?? 0) + 1)
    const { nowMs } = this
    switch (action.type) {
      case 'end': this.recording = { ...this.recording, reason: action.reason, endedMs: nowMs }; break
      case 'record': this.#held.set(`t${++this.#ids}`, { userId: action.userId, state: begun({ retryAtMs: 0, nowMs }) }); break
      case 'resume': {
        const row = this.tracks.find(({ id }) => id === action.trackId)
        assert.ok(row?.closedMs === null && !this.#held.has(row.id))
        for (const id of action.sourceIds) assert.partialDeepStrictEqual(this.sources.find((each) => each.id === id), { userId: row.userId, stoppedMs: null })
        this.#held.set(row.id, { userId: row.userId, state: resumed(action.sourceIds, { awaySinceMs: this.#awaySinceMs!, nowMs }) as Open })
        break
      }
      case 'reopen':
        assert.ok(this.#isThreadUp && !isOpen(this.#get(action.trackId).state))
        if (fails()) this.#must(action.trackId, { type: 'over', isFailure: true, nowMs })
        else this.#must(action.trackId, { type: 'opened', nowMs })
        break
      case 'connect': {
        const { userId, state } = this.#get(action.trackId)
        assert.ok('retryAtMs' in state && nowMs >= state.retryAtMs, 'nobody is asked before it is time')
        const sourceId = `s${++this.#ids}`
        this.#must(action.trackId, { type: 'asked', sourceId, nowMs })
        if (!this.tracks.some(({ id }) => id === action.trackId)) {
          const number = this.tracks.filter((row) => row.userId === userId).length + 1
          this.tracks = [...this.tracks, track(action.trackId, userId, { number, createdMs: nowMs })]
        }
        this.sources = [...this.sources, source(sourceId, userId, { createdMs: nowMs, taskId: null })]
        break
      }
      case 'pause':
        assert.notEqual(isPaused(this.#get(action.trackId).state), action.paused)
        this.#must(action.trackId, { type: 'toPause', isPaused: action.paused })
        break
      case 'drain':
        this.#must(action.trackId, action.on ? { type: 'toEnd', nowMs } : { type: 'toStay' })
        if (action.on && !isOpen(this.#get(action.trackId).state)) this.#must(action.trackId, { type: 'quiet' })
        break
      case 'disconnect': {
        const { userId, state } = this.#get(action.trackId)
        const { present, unconfirmedMs } = this.room.members.find((each) => each.userId === userId)!
        assert.ok(state.kind !== 'live' || present !== true || unconfirmedMs !== null || this.recording.reason !== null, 'who is there and heard is not cut off')
        this.#must(action.trackId, action.over === undefined ? { type: 'toStop', nowMs } : { type: 'over', isFailure: action.over === 'failed', nowMs })
        break
      }
      case 'absent':
        assert.equal(this.sources.find(({ id }) => id === action.sourceId)?.absentMs, null, 'it is found once')
        this.#note(action.sourceId, { absentMs: nowMs })
        break
      case 'doubt':
        if (!fails()) this.room = room(...this.room.members.map((each) => each.userId === action.userId ? { ...each, unconfirmedMs: nowMs } : each))
        break
      case 'close': {
        const row = this.tracks.find(({ id }) => id === action.trackId)
        if (!this.#held.has(action.trackId)) this.#held.set(action.trackId, { userId: row!.userId, state: inherited() })
        this.#must(action.trackId, { type: 'toClose' })
        break
      }
      case 'lose':
        assert.fail('every track is in the spool of this gateway')
        break
      case 'abandon':
        assert.ok([...this.#held.values()].every(({ state }) => !sourcesOf(state).includes(action.sourceId)), 'a source that is used is not let go')
        if (!fails()) this.#note(action.sourceId, { stoppedMs: nowMs })
        break
      case 'complete':
        this.#assertDone()
        if (!fails()) this.completed = true
        break
      default: action satisfies never
    }
  }

  #answer (trackId: string, fails: () => boolean): void {
    const { nowMs } = this
    const { state, userId } = this.#get(trackId)
    if (state.kind === 'closing') {
      if (fails()) this.#must(trackId, { type: 'uploadFailed', isOwn: true, nowMs })
      else {
        this.#must(trackId, { type: 'uploaded' })
        this.tracks = this.tracks.map((row) => row.id === trackId ? { ...row, closedMs: nowMs } : row)
      }
    } else if (state.kind === 'starting') {
      const { sourceId } = state
      if (!isOpen(state)) {
        if (!this.#isThreadUp) {
          this.#must(trackId, { type: 'startRefused', sourceId, nowMs })
          return
        }
        this.#must(trackId, { type: 'opened', nowMs })
      }
      const type = !fails() ? 'answered' : fails() ? 'unanswered' : 'startRefused'
      if (type === 'answered') this.#note(sourceId, { taskId: 'task' })
      if (type === 'startRefused') this.#note(sourceId, { outcome: 'refused' })
      this.#must(trackId, { type, sourceId, nowMs })
    } else if (state.kind === 'waiting' || state.kind === 'lost') {
      for (const sourceId of sourcesOf(state)) {
        const isAnchor = this.room.members.some((each) => each.userId === userId && each.present === true)
        if (isOpen(state) && isAnchor && !this.isDeaf && !fails()) {
          this.#must(trackId, { type: 'live', sourceId, nowMs })
          this.#note(sourceId, { firstAudioMs: nowMs, pushEndedMs: null })
          return
        }
        if (fails()) this.#note(sourceId, fails() ? { relayStatus: 'idle', idleMs: nowMs, relayStatusMs: nowMs } : { relayStatus: 'running', toldMs: nowMs, relayStatusMs: nowMs })
      }
    } else if (state.kind === 'live' && fails()) {
      this.#note(state.sourceId, { pushEndedMs: nowMs, lastFrameMs: nowMs })
      this.#must(trackId, { type: 'lost', sourceId: state.sourceId, nowMs })
    }
    const now = this.#held.get(trackId)?.state
    if (now !== undefined && 'ending' in now && now.ending?.isQuiet === false && !fails()) this.#must(trackId, { type: 'quiet' })
  }

  /** Takes a step that cannot be refused; sources that the track has no more by it are let go, as soon as a plan finds them. */
  #must (trackId: string, event: TrackEvent): void {
    const refusal = this.#step(trackId, event)
    assert.equal(refusal, undefined, `${event.type} of ${trackId}`)
  }

  #step (trackId: string, event: TrackEvent): string | undefined {
    const held = this.#get(trackId)
    const then = next(held.state, event)
    if ('refused' in then) return then.refused
    if (then.kind === 'gone') this.#held.delete(trackId)
    else held.state = then
    return undefined
  }

  #note (sourceId: string, change: Partial<SourceWithTask>): void {
    this.sources = this.sources.map((each) => each.id === sourceId ? { ...each, ...change } : each)
  }

  #assertDone (): void {
    assert.ok(this.#held.size === 0 && this.sources.every(({ stoppedMs }) => stoppedMs !== null) && this.tracks.every(({ closedMs }) => closedMs !== null), 'nothing is left behind')
  }

  #get (trackId: string): { userId: string, state: Open } {
    const held = this.#held.get(trackId)
    assert.ok(held !== undefined, `action for ${trackId}, which nobody has`)
    return held
  }
}

const happening = fc.record({
  who: fc.constantFrom('anna', 'ben'),
  news: fc.constantFrom(undefined, { present: true, audible: true }, { present: true, audible: false }, { present: false, audible: false }),
  accident: fc.constantFrom<(undefined | 'crash' | 'thread' | 'disk')[]>(undefined, undefined, undefined, 'crash', 'thread', 'disk'),
  isDeaf: fc.boolean(),
  awayMs: fc.constantFrom(500, 20_000, 90_000),
  rounds: fc.constantFrom(1, 2, 14, 70),
  fails: fc.infiniteStream(fc.nat({ max: 3 }).map((n) => n === 0))
})

function go (model: Model, happenings: readonly (typeof happening extends fc.Arbitrary<infer T> ? T : never)[]): void {
  for (const { who, news, accident, isDeaf, awayMs, rounds, fails } of happenings) {
    model.isDeaf = isDeaf
    if (news !== undefined) model.tell(who, news)
    if (accident === 'crash') model.crash(awayMs)
    else if (accident === 'thread') model.killThread()
    else if (accident === 'disk') model.failDisk()
    for (let n = 0; n < rounds; n++) model.round(() => fails.next().value === true)
    assert.equal(model.completed, false)
  }
  model.isDeaf = false
}

test('whatever fails on the way, and however often owner, thread and disk die, a recording that was ended completes', () => {
  const done = new Set<Action['type']>()

  fc.assert(fc.property(fc.array(happening, { maxLength: 10 }), (happenings) => {
    const model = new Model()
    go(model, happenings)
    model.recording = { ...model.recording, stopRequestedMs: model.nowMs }
    for (let n = 0; n < 80 && !model.completed; n++) model.round(() => false)
    assert.ok(model.completed, 'the longest back-off and a few rounds are enough')
    assert.equal(model.recording.reason, 'StopRequested')
    for (const type of model.done.keys()) done.add(type)
  }), runs(300))

  const all: Action['type'][] = ['end', 'record', 'resume', 'reopen', 'connect', 'drain', 'disconnect', 'absent', 'doubt', 'close', 'abandon', 'complete']
  assert.deepEqual(all.filter((type) => !done.has(type)), [], 'the model comes to everything but pauses and lost spools')
})

test('whatever happened before, who enters and speaks is heard once nothing fails any more, and nobody else is asked for', () => {
  fc.assert(fc.property(fc.array(happening, { maxLength: 10 }), (happenings) => {
    const model = new Model()
    go(model, happenings)
    model.tell('anna', { present: true, audible: true })
    for (let n = 0; n < 80 && model.stateOf('anna')?.kind !== 'live'; n++) model.round(() => false)
    assert.equal(model.stateOf('anna')?.kind, 'live')
    for (let n = 0; n < 3; n++) model.round(() => false)
    assert.equal(model.sources.filter(({ userId, stoppedMs }) => userId === 'anna' && stoppedMs === null).length, 1)
  }), runs(300))
})

test('requests to pause and resume end in what was asked last of each, however often they come and whatever happens between', () => {
  const scopes = [null, 'anna', 'ben']
  const requests = fc.tuple(...scopes.map((userId) => fc.array(fc.record({ userId: fc.constant(userId), paused: fc.boolean() }), { maxLength: 4 })))
  const order = fc.array(fc.record({
    scope: fc.nat({ max: 2 }), times: fc.integer({ min: 1, max: 3 }), rounds: fc.nat({ max: 2 }), accident: fc.constantFrom(undefined, undefined, 'crash' as const, 'thread' as const)
  }), { minLength: 12, maxLength: 12 })

  fc.assert(fc.property(requests, order, fc.infiniteStream(fc.boolean()), (asked, happenings, fails) => {
    const model = new Model()
    for (const userId of ['anna', 'ben']) model.tell(userId, { present: true, audible: true })
    const queues = asked.map((each) => [...each])
    for (const { scope, times, rounds, accident } of happenings) {
      const request = (queues[scope]?.length ? queues[scope] : queues.find(({ length }) => length > 0))?.shift()
      if (request !== undefined) for (let n = 0; n < times; n++) model.request(request)
      if (accident === 'crash') model.crash(1_000)
      else if (accident === 'thread') model.killThread()
      for (let n = 0; n < rounds; n++) model.round(() => fails.next().value === true)
    }
    for (let n = 0; n < 80; n++) model.round(() => false)

    const last = (userId: string | null): boolean => asked[scopes.indexOf(userId)]?.at(-1)?.paused ?? false
    assert.deepEqual(['anna', 'ben'].map((userId) => isPaused(model.stateOf(userId)!)), ['anna', 'ben'].map((userId) => last(null) || last(userId)))
  }), runs(300))
})
