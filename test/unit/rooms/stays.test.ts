import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { staysOf, type Stays } from '../../../src/rooms/stays.ts'
import { robotId } from '../../../src/trtc/robot-id.ts'
import { lengthOf, type Span } from '../../../src/core/spans.ts'
import { parseRoomEvent, type RoomEvent } from '../../../src/trtc/room-event.ts'

const t0 = 1_767_225_600_000
const window: Span = { startMs: t0, endMs: t0 + 100 }
const anchor = { Role: 20 }
const audience = { Role: 21 }

/** An event of `type` that much after the window begins. */
function event (type: number, ms: number, info: object = {}): RoomEvent {
  const atMs = t0 + ms
  const body = { RoomId: 'room', EventTs: Math.floor(atMs / 1_000), EventMsTs: atMs, UserId: 'anna', ...info }
  return parseRoomEvent({ EventGroupId: Math.floor(type / 100), EventType: type, CallbackTs: atMs, EventInfo: body })
}

function annaIn (events: readonly RoomEvent[], within = window): Stays {
  return staysOf(events, within).get('anna') ?? { present: [], onStage: [], muted: [] }
}

const from0 = (spans: readonly Span[]): number[][] => spans.map(({ startMs, endMs }) => [startMs - t0, endMs - t0])

test('who enters is muted until heard, between 204 and 203, and gone after 104 or 102', () => {
  const heard = [event(103, 10, anchor), event(203, 20), event(204, 40), event(203, 50)]
  const events = [...heard, event(104, 60, { ...anchor, Reason: 2 }), event(103, 70, anchor), event(102, 90)]
  const { present, onStage, muted } = annaIn(events)

  assert.deepEqual(from0(present), [[10, 60], [70, 90]])
  assert.deepEqual(present.map(({ leaveReason }) => leaveReason), ['timeout', 'dismissed'])
  assert.deepEqual(from0(onStage), [[10, 60], [70, 90]])
  assert.deepEqual(from0(muted), [[10, 20], [40, 50], [70, 90]], 'who comes back is muted until heard again')
})

test('the audience is there, but neither on stage nor muted', () => {
  const { present, onStage, muted } = annaIn([event(103, 10, audience), event(105, 30, anchor), event(203, 40), event(105, 60, audience)])

  assert.deepEqual(from0(present), [[10, 100]])
  assert.deepEqual(from0(onStage), [[30, 60]])
  assert.deepEqual(from0(muted), [[30, 40]])
})

test('what was so before the window counts in it, what happens after it does not', () => {
  const events = [event(103, -50, anchor), event(203, -40), event(204, 80), event(104, 110, { ...anchor, Reason: 1 })]
  const { present, muted } = annaIn(events)

  assert.deepEqual(present, [{ startMs: t0, endMs: t0 + 100, leaveReason: null }])
  assert.deepEqual(from0(muted), [[80, 100]])
})

test('what has not ended has no end while the window goes on', () => {
  const { present, muted } = annaIn([event(103, 10, anchor), event(203, 20), event(204, 30)], { startMs: t0, endMs: Infinity })

  assert.deepEqual(from0(present), [[10, Infinity]])
  assert.deepEqual(from0(muted), [[10, 20], [30, Infinity]])
})

test('our robots are not there', () => {
  const robot = { UserId: robotId('src_1'), ...anchor }

  assert.deepEqual([...staysOf([event(103, 10, robot), event(203, 20, robot)], window).values()].flatMap(({ present }) => present), [])
})

const eventArbitrary = fc.record({
  type: fc.constantFrom(103, 104, 105, 201, 203, 204, 102),
  ms: fc.integer({ min: -5, max: 12 }),
  UserId: fc.constantFrom('anna', 'ben'),
  Role: fc.constantFrom(20, 21),
  Reason: fc.constantFrom(1, 2, 3)
}).map(({ type, ms, ...info }) => event(type, ms, info))

const short: Span = { startMs: t0, endMs: t0 + 10 }

test('the same events in any order, and any number of times, tell the same', () => {
  const disordered = fc.array(eventArbitrary, { minLength: 1, maxLength: 15 })
    .chain((events) => fc.tuple(fc.constant(events), fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 })))

  fc.assert(fc.property(disordered, ([events, disorder]) => {
    const of = (order: readonly RoomEvent[]) => [...staysOf(order, short)].sort(([a], [b]) => a.localeCompare(b))
    assert.deepEqual(of(disorder), of(events))
  }), { numRuns: 500 })
})

test('spans lie in the window, in order and apart; stages in stays, mutes in stages', () => {
  fc.assert(fc.property(fc.array(eventArbitrary, { maxLength: 15 }), (events) => {
    const inside = (spans: readonly Span[], others: readonly Span[]): boolean =>
      spans.every(({ startMs, endMs }) => others.some((other) => other.startMs <= startMs && endMs <= other.endMs))
    for (const { present, onStage, muted } of staysOf(events, short).values()) {
      for (const spans of [present, onStage, muted]) {
        assert.ok(spans.every(({ startMs, endMs }) => startMs < endMs))
        assert.ok(spans.every(({ startMs }, index) => index === 0 || startMs > spans[index - 1]!.endMs))
      }
      assert.ok(inside(present, [short]) && inside(onStage, present) && inside(muted, onStage))
      assert.ok(lengthOf(present) <= 10)
    }
  }), { numRuns: 500 })
})
