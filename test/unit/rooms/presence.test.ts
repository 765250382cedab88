import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { askAgainMs, presence, type Attendance, type Evidence } from '../../../src/rooms/presence.ts'
import type { MemberRow } from '../../../src/state/rooms.ts'
import type { SourceWithTask } from '../../../src/state/sources.ts'
import { runs } from '../../helpers/fuzz.ts'
import { member, port, room, source } from '../../helpers/plan-states.ts'

/** When anna entered; all else is told from then on. */
const enteredMs = 10_000_000
const anna = (change: Partial<MemberRow> = {}): MemberRow =>
  member('anna', { presentMs: enteredMs, anchorMs: enteredMs, anchoredMs: enteredMs, lastEventMs: enteredMs, heardMs: enteredMs + 100, ...change })
const annas = (id: string, askedMs: number, change: Partial<SourceWithTask> = {}): SourceWithTask => source(id, 'anna', { createdMs: enteredMs + askedMs, ...change })

/** A source that was asked for and whose task TRTC said to have ended, milliseconds from when anna entered. */
function ended (id: string, askedMs: number, endedMs: number, change: Partial<SourceWithTask> = {}): SourceWithTask {
  return annas(id, askedMs, { idleMs: enteredMs + endedMs, relayStatus: 'idle', relayStatusMs: enteredMs + endedMs - 50, ...change })
}

function evidence (sources: SourceWithTask[], change: Partial<Evidence> = {}): Evidence {
  return { room: room(anna()), sources, live: new Set(), lastPushMs: () => undefined, listeningSinceMs: enteredMs - 60_000, maxIdleMs: 60_000, ...change }
}

function attendance (given: Evidence, atMs = 600_000): Attendance {
  const found = presence(given, enteredMs + atMs).get('anna')
  assert.ok(found !== undefined)
  return found
}

const certainty = (given: Evidence, atMs?: number): string => attendance(given, atMs).certainty

test('those who are there are the anchors, by the events since the room was last dismissed', () => {
  const members = [anna(), member('listens', { anchor: false }), member('gone', { present: false }), member('of-last-time', { presentMs: enteredMs - 20 })]
  const present = presence(evidence([], { room: { dismissedMs: enteredMs - 10, members } }), enteredMs + 600_000)

  assert.deepEqual([...present.values()], [{ userId: 'anna', sinceMs: enteredMs, certainty: 'there', unconfirmedMs: undefined, lastSignMs: enteredMs + 100 }])
})

test('a dismissal ends a doubt with the stay', () => {
  assert.equal(presence(evidence([], { room: { dismissedMs: enteredMs, members: [anna({ unconfirmedMs: enteredMs + 1 })] } }), enteredMs + 9).size, 0)
})

// Two tasks in a row that ended by themselves.

const twice = [ended('s1', 0, 60_000), ended('s2', 60_500, 121_000)]

test('somebody is unconfirmed whose two tasks in a row ended by themselves, the second asked for at once', () => {
  assert.deepEqual(attendance(evidence(twice)), { userId: 'anna', sinceMs: enteredMs, certainty: 'unconfirmed', unconfirmedMs: undefined, lastSignMs: enteredMs + 100 })
})

const unsure: Array<[string, SourceWithTask[]]> = [
  ['one task alone ended', twice.slice(0, 1)],
  ['the second still runs', [twice[0]!, annas('s2', 60_500)]],
  ['a third was asked for that has not ended', [...twice, annas('s3', 121_100)]],
  ['the second was asked for later', [twice[0]!, ended('s2', 75_001, 140_000)]],
  ['both ran at the same time', [ended('s1', 0, 60_000), ended('s2', 10_000, 61_000)]],
  ['the first gave up before it ended, as in a minute of our outage', [ended('s1', 0, 60_000, { failedMs: enteredMs + 59_900 }), twice[1]!]],
  ['the second gave up before it ended', [twice[0]!, ended('s2', 60_500, 121_000, { failedMs: enteredMs + 120_900 })]],
  ['the second was stopped by us before it ended', [twice[0]!, annas('s2', 60_500, { stopAskedMs: enteredMs + 70_000, relayStatus: 'idle', relayStatusMs: enteredMs + 71_000, outcome: 'idle' })]],
  ['the first was stopped by us', [annas('s1', 0, { stopAskedMs: enteredMs + 60_000, relayStatus: 'idle', relayStatusMs: enteredMs + 60_100 }), twice[1]!]]
]

for (const [why, sources] of unsure) {
  test(`somebody is there for certain when ${why}`, () => {
    assert.equal(certainty(evidence(sources)), 'there')
  })
}

test('a task is in a row with the one before it though TRTC refused another in between, which ended nothing', () => {
  const refused = (['refused', 'unasked'] as const).map((outcome) => annas(`s-${outcome}`, 60_100, { outcome, taskId: null }))

  assert.equal(certainty(evidence([twice[0]!, ...refused, twice[1]!])), 'unconfirmed')
})

test('an event of the user between the two ends, or after both, says that the user is there', () => {
  const after = (eventMs: number): string => certainty(evidence(twice, { room: room(anna({ lastEventMs: enteredMs + eventMs })) }))

  assert.deepEqual([after(30_000), after(59_949), after(59_950), after(90_000), after(200_000)], ['unconfirmed', 'unconfirmed', 'there', 'there', 'there'])
})

test('tasks of somebody else, or of whom nothing is known, say nothing of a user', () => {
  assert.equal(certainty(evidence(twice.map((each) => ({ ...each, userId: 'ben' })))), 'there')
  assert.equal(certainty(evidence(twice.map((each) => ({ ...each, userId: null })))), 'there')
})

test('whose audio arrives is not doubted, whatever TRTC tells of tasks', () => {
  const given = evidence(twice, { live: new Set(['anna']) })

  assert.deepEqual([certainty(given), attendance(given).lastSignMs], ['there', enteredMs + 600_000])
})

test('a doubt that was concluded stays until an event ends it, whatever tasks do', () => {
  const doubted = { room: room(anna({ unconfirmedMs: enteredMs + 122_000 })) }

  assert.partialDeepStrictEqual(attendance(evidence([], doubted)), { certainty: 'unconfirmed', unconfirmedMs: enteredMs + 122_000 })
  assert.equal(certainty(evidence([...twice, annas('s3', 182_000)], doubted)), 'unconfirmed')
})

test('the last sign of a user is the later of the last event\'s and the last frame\'s arrival', () => {
  const heard = { room: room(anna({ heardMs: enteredMs + 5_000 })) }

  assert.equal(attendance(evidence([annas('s', 0, { lastFrameMs: enteredMs + 9_000 }), annas('s2', 0)], heard)).lastSignMs, enteredMs + 9_000)
  assert.equal(attendance(evidence([annas('s', 0, { lastFrameMs: enteredMs + 2_000 })], heard)).lastSignMs, enteredMs + 5_000)
})

// No 401 at all.

const speaks = { room: room(anna({ audible: true, audibleMs: enteredMs })) }
/** Somebody else's push came to the port then. */
const reached = (ms: number, at = port): Partial<Evidence> => ({ lastPushMs: (asked) => asked === at ? enteredMs + ms : undefined })
const silent = (change: Partial<Evidence> = {}, sources = [annas('s', 1_000)]): Evidence => evidence(sources, { ...speaks, ...reached(30_000), ...change })

test('somebody audible is unconfirmed whom nobody pushes for 75 s since asked for, while another push reached that port and no 401 told of any task', () => {
  assert.deepEqual([certainty(silent(), 76_000), certainty(silent(), 76_001)], ['there', 'unconfirmed'])
})

test('the time counts from when the last push ended, from the last event and from our own start', () => {
  const pushEnded = silent({}, [annas('s', 1_000, { firstAudioMs: enteredMs + 1_500, pushEndedMs: enteredMs + 20_000 })])
  const spoke = silent({ room: room(anna({ audible: true, heardMs: enteredMs + 20_000 })) })
  const began = silent({ listeningSinceMs: enteredMs + 20_000 })

  for (const given of [pushEnded, spoke, began]) assert.deepEqual([certainty(given, 95_000), certainty(given, 95_001)], ['there', 'unconfirmed'])
})

test('a second task that was asked for meanwhile does not begin the time anew', () => {
  assert.equal(certainty(silent({}, [annas('s1', 1_000), annas('s2', 72_000)]), 76_001), 'unconfirmed')
})

test('how long TRTC keeps a task whose anchor is gone counts', () => {
  assert.deepEqual([certainty(silent({ maxIdleMs: 300_000 }), 316_000), certainty(silent({ maxIdleMs: 300_000 }), 316_001)], ['there', 'unconfirmed'])
})

const heardOf: Array<[string, Evidence]> = [
  ['no push reaches that port', silent({ lastPushMs: () => undefined })],
  ['pushes reach another port alone', silent(reached(30_000, port + 1))],
  ['pushes reached that port before, and none since', silent(reached(1_000))],
  ['a 401 told of a task of theirs', silent({}, [annas('s', 1_000, { relayStatus: 'running' })])],
  ['a 401 told of an earlier task of theirs', silent({}, [annas('s1', 0, { relayStatus: 'idle' }), annas('s2', 1_000)])],
  ['they are muted', silent({ room: room(anna({ audible: false })) })],
  ['it is not known whether they speak', silent({ room: room(anna({ audible: null })) })],
  ['their audio arrives', silent({ live: new Set(['anna']) })],
  ['nobody was asked', silent({}, [])],
  ['TRTC refused to push them', silent({}, [annas('s1', 1_000, { outcome: 'refused', taskId: null }), annas('s2', 60_000, { outcome: 'refused', taskId: null })])],
  ['no call to push them was answered', silent({}, [annas('s1', 1_000, { taskId: null })])],
  ['the port of their push is not known', silent({}, [annas('s', 1_000, { port: null })])]
]

for (const [why, given] of heardOf) {
  test(`somebody of whom nothing comes is there for certain when ${why}`, () => {
    assert.equal(certainty(given), 'there')
  })
}

test('what TRTC refused before it took a task does not count as time in which it could push', () => {
  const given = silent(reached(580_000), [annas('s1', 1_000, { outcome: 'refused', taskId: null }), annas('s2', 550_000)])

  assert.equal(certainty(given, 600_000), 'there')
})

// When somebody unconfirmed is asked for again.

const doubted = (unconfirmedMs?: number): Attendance => ({ userId: 'anna', sinceMs: enteredMs, certainty: 'unconfirmed', unconfirmedMs, lastSignMs: 0 })
const doubtMs = enteredMs + 122_000
const asked = (...afterMs: number[]): SourceWithTask[] => [...twice, ...afterMs.map((ms, index) => source(`again-${index}`, 'anna', { createdMs: doubtMs + ms }))]

test('somebody unconfirmed is asked for again 1, 5 and 15 minutes after it was concluded, by how often that was done', () => {
  const at = (...afterMs: number[]): number | undefined => askAgainMs(doubted(doubtMs), asked(...afterMs), { createdMs: enteredMs }, doubtMs + 9_000_000)

  assert.deepEqual([at(), at(60_000), at(60_000, 300_000), at(60_000, 300_000, 900_000), at(1, 2, 3, 4)],
    [doubtMs + 60_000, doubtMs + 300_000, doubtMs + 900_000, undefined, undefined])
})

test('a doubt that is only being concluded counts from now, and others\' sources do not count', () => {
  assert.equal(askAgainMs(doubted(), twice, { createdMs: enteredMs }, doubtMs), doubtMs + 60_000)
  assert.equal(askAgainMs(doubted(doubtMs), [source('b', 'ben', { createdMs: doubtMs + 1 })], { createdMs: enteredMs }, doubtMs), doubtMs + 60_000)
})

test('a recording that begins while somebody is in doubt asks at once', () => {
  const beganMs = doubtMs + 400_000
  const tries = (count: number): SourceWithTask[] => Array.from({ length: count }, (_, index) => source(`s${index}`, 'anna', { createdMs: beganMs + index }))

  assert.deepEqual([0, 1, 2, 3].map((count) => askAgainMs(doubted(doubtMs), tries(count), { createdMs: beganMs }, beganMs)),
    [beganMs, beganMs + 300_000, beganMs + 900_000, undefined])
})

// Whatever the rows.

const rowArbitrary: fc.Arbitrary<SourceWithTask> = fc.record({
  userId: fc.constantFrom('anna', 'ben'),
  askedMs: fc.integer({ min: 0, max: 200_000 }),
  lastsMs: fc.integer({ min: 0, max: 100_000 }),
  told: fc.constantFrom<('idle' | 'failed' | 'running' | null)[]>('idle', 'idle', 'failed', 'running', null),
  outcome: fc.constantFrom(null, null, 'refused' as const)
}).map(({ userId, askedMs, lastsMs, told, outcome }) => {
  const atMs = enteredMs + askedMs + lastsMs
  const taskId = outcome === null ? 'task' : null
  return source('s', userId, {
    createdMs: enteredMs + askedMs, outcome, taskId, relayStatus: told, relayStatusMs: told === null ? 0 : atMs, idleMs: told === 'idle' ? atMs : null, failedMs: told === 'failed' ? atMs : null
  })
})
const memberArbitrary = fc.record({
  userId: fc.constantFrom('anna', 'ben', 'cleo'),
  audible: fc.constantFrom(true, false, null),
  present: fc.boolean(),
  lastEventMs: fc.integer({ min: enteredMs, max: enteredMs + 200_000 })
})

test('who is there does not depend on the order of members, nor on how the rows of different users are mixed', () => {
  const membersArbitrary = fc.uniqueArray(memberArbitrary, { selector: ({ userId }) => userId })
  const given = fc.record({ sources: fc.array(rowArbitrary, { maxLength: 8 }), members: membersArbitrary, nowMs: fc.nat(400_000) })

  fc.assert(fc.property(given, ({ sources, members, nowMs }) => {
    const rows = sources.sort((a, b) => a.createdMs - b.createdMs).map((row, index) => ({ ...row, id: `s${index}` }))
    const anchors = members.map((change) => member(change.userId, change))
    const of = (each: SourceWithTask[], all: MemberRow[]) => {
      const present = presence(evidence(each, { ...reached(150_000), room: room(...all) }), enteredMs + nowMs)
      return [...present.values()].sort((a, b) => a.userId.localeCompare(b.userId))
    }
    const byUser = [...rows.filter(({ userId }) => userId === 'ben'), ...rows.filter(({ userId }) => userId === 'anna')]

    assert.deepEqual(of(byUser, [...anchors].reverse()), of(rows, anchors))
  }), runs(500))
})

test('nobody silent is doubted unless two of their tasks were told to have ended, and nobody is by tasks that TRTC did not take', () => {
  fc.assert(fc.property(fc.array(rowArbitrary, { maxLength: 8 }), fc.nat(400_000), (sources, nowMs) => {
    const rows = sources.map((row) => ({ ...row, userId: 'anna' })).sort((a, b) => a.createdMs - b.createdMs)
    const idle = rows.filter(({ idleMs, outcome }) => idleMs !== null && outcome === null)
    const found = certainty(evidence(rows, { ...reached(300_000), room: room(anna({ audible: false })) }), nowMs)

    assert.ok(found === 'there' || idle.length >= 2)
  }), runs(500))
})
