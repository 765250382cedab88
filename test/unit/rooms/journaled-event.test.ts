import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { journaled, readJournaled } from '../../../src/rooms/journaled-event.ts'
import { hearEvent, type HeardEvent } from '../../../src/rooms/take-event.ts'
import { runs } from '../../helpers/fuzz.ts'

const clock = { now: () => 1_767_225_601_500 }

function heard (type: number, info: object, rest: object = {}): HeardEvent {
  return hearEvent(1_400_000_001, { EventGroupId: Math.floor(type / 100), EventType: type, CallbackTs: 1_767_225_601_250, EventInfo: info, ...rest }, clock)
}

const member = { RoomId: 'room', UserId: 'anna', EventMsTs: 1_767_225_601_123 }
const relay = {
  RoomId: '7', RoomType: 0, UserId: 'robot', TaskId: 'task-1', EventMsTs: 1_767_225_601_123, Payload: { Url: 'rtmp://192.0.2.1/roomtape/very-secret', Status: 4, ErrorMsg: 'gone' }
}

test('whatever TRTC tells comes out of the journal as it was heard', () => {
  const events = [
    heard(101, member), heard(102, { RoomId: 7, EventTs: 1_767_225_601 }), heard(103, { ...member, Role: 20 }), heard(104, { ...member, Role: 21, Reason: 3 }),
    heard(203, member), heard(204, { ...member, More: { '\u0000': [1e300, null] } }), heard(205, member), heard(901, { What: 'ever' }), heard(111, {}),
    heard(401, relay), heard(401, { ...relay, TaskId: undefined, Payload: { Status: 2 } }), heard(402, { Url: 'rtmp://192.0.2.1/roomtape/very-secret' }),
    heard(401, { ...relay, Payload: { Url: 'rtmp://192.0.2.1/roomtape/very-secret', Status: 'odd' } })
  ]
  for (const event of events) {
    const read = readJournaled(journaled(event))
    const { event: told, ...rest } = read

    assert.deepEqual(rest, JSON.parse(JSON.stringify({ ...event, event: undefined })))
    // What is not known of relays is kept as a digest alone.
    assert.deepEqual(told, 'info' in event.event && event.event.group === 4 ? { ...event.event, info: undefined, sentMs: undefined } : event.event)
    assert.equal(journaled(read), journaled(event))
    assert.doesNotMatch(journaled(event), /very-secret/)
  }
})

test('an event that names itself a status of a relay is none', () => {
  const { event } = readJournaled(journaled(heard(103, member, { kind: 'relayStatus', status: 'idle', userId: 'robot', group: 4, type: 401 })))

  assert.equal(event.kind, 'userEntered')
})

test('any event that is taken can be read again, and names itself alike', () => {
  fc.assert(fc.property(fc.integer({ min: 100, max: 600 }), fc.dictionary(fc.constantFrom('RoomId', 'UserId', 'Payload', 'Role', 'x'), fc.jsonValue()), (type, info) => {
    let event: HeardEvent
    try {
      event = heard(type, { ...member, ...info })
    } catch {
      return // refused
    }
    const { dedupeKey, event: { kind } } = readJournaled(journaled(event))
    assert.deepEqual([dedupeKey, kind], [event.dedupeKey, event.event.kind])
  }), runs(300))
})
