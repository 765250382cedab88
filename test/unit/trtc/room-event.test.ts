import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RoomtapeError } from '../../../src/core/errors.ts'
import { roomKey } from '../../../src/trtc/room-id.ts'
import { dedupeKey, parseRoomEvent } from '../../../src/trtc/room-event.ts'

const head = { roomId: 'room-7f3a', eventMs: 1767225600100, sentMs: 1767225600120 }

function bodyOf (type: number, info: object = {}, body: object = {}): object {
  return {
    EventGroupId: Math.floor(type / 100),
    EventType: type,
    CallbackTs: head.sentMs,
    EventInfo: { RoomId: head.roomId, EventTs: 1767225600, EventMsTs: head.eventMs, UserId: 'anchor_001', ...info },
    ...body
  }
}

test('every room and media event comes back as what it says', () => {
  const user = { ...head, userId: 'anchor_001' }

  assert.deepEqual(parseRoomEvent(bodyOf(101)), { kind: 'roomCreated', group: 1, type: 101, ...user })
  assert.deepEqual(parseRoomEvent(bodyOf(102, { UserId: undefined })), { kind: 'roomDismissed', group: 1, type: 102, ...head })
  assert.deepEqual(parseRoomEvent(bodyOf(103, { Role: 20, TerminalType: 2, UserType: 3, Reason: 1 })), { kind: 'userEntered', group: 1, type: 103, ...user, role: 'anchor' })
  assert.deepEqual(parseRoomEvent(bodyOf(104, { Role: 21, Reason: 3 })), { kind: 'userLeft', group: 1, type: 104, ...user, role: 'audience', reason: 'removed' })
  assert.deepEqual(parseRoomEvent(bodyOf(105, { Role: 21 })), { kind: 'roleChanged', group: 1, type: 105, ...user, role: 'audience' })
  const media = ['videoStarted', 'videoStopped', 'audioStarted', 'audioStopped', 'screenStarted', 'screenStopped']
  for (const [index, kind] of media.entries()) {
    assert.deepEqual(parseRoomEvent(bodyOf(201 + index, { Reason: 0 })), { kind, group: 2, type: 201 + index, ...user })
  }
})

test('the raw bytes of a callback with tabs and newlines are read', () => {
  const raw = Buffer.from('{\n\t"EventGroupId":\t2,\n\t"EventType":\t204,\n\t"CallbackTs":\t1664209748188,\n\t"EventInfo":\t{\n\t\t"RoomId":\t8489,\n\t\t"EventTs":\t1664209748,\n\t\t"EventMsTs":\t1664209748180,\n\t\t"UserId":\t"主播一",\n\t\t"Reason":\t0\n\t}\n}')

  assert.deepEqual(parseRoomEvent(raw), { kind: 'audioStopped', group: 2, type: 204, roomId: 8489, eventMs: 1664209748180, sentMs: 1664209748188, userId: '主播一' })
})

test('a room keeps the JSON type of its id', () => {
  const numeric = parseRoomEvent(bodyOf(101, { RoomId: 123 }))
  const text = parseRoomEvent(bodyOf(101, { RoomId: '123' }))

  assert.ok(numeric.kind === 'roomCreated' && text.kind === 'roomCreated')
  assert.deepEqual([numeric.roomId, text.roomId], [123, '123'])
  assert.deepEqual([roomKey(numeric.roomId), roomKey(text.roomId)], ['n:123', 's:123'])
  assert.notEqual(dedupeKey(1, numeric), dedupeKey(1, text))
})

test('a relay status is read under either name of its time, and RoomType outweighs the JSON type of RoomId', () => {
  const payload = { Url: 'rtmp://ingest.example.net/trtc/9b1f?k=x', Status: 2, ErrorCode: 0, ErrorMsg: '' }
  const relay = { kind: 'relayStatus', group: 4, type: 401, ...head, userId: 'agent_1', taskId: '-m97l', url: payload.Url, status: 'running', errorCode: 0, errorMessage: '' }
  const info = { UserId: 'agent_1', TaskId: '-m97l', RoomType: 1, Payload: payload }

  assert.deepEqual(parseRoomEvent(bodyOf(401, info)), relay)
  assert.deepEqual(parseRoomEvent(bodyOf(401, { ...info, EventMsTs: undefined, EventTsMs: String(head.eventMs) })), relay)
  assert.deepEqual(parseRoomEvent(bodyOf(401, { ...info, RoomType: 0, RoomId: '43474' })), { ...relay, roomId: 43474 })
  assert.deepEqual(parseRoomEvent(bodyOf(401, { ...info, RoomType: 1, RoomId: 43474 })), { ...relay, roomId: '43474' })
  assert.deepEqual(parseRoomEvent(bodyOf(401, { ...info, TaskId: 77, Payload: { Url: payload.Url, Status: '4' } })), { ...relay, taskId: '77', status: 'failed' })
})

test('numbers may come as text, the second does when there are no milliseconds, and unheard-of fields and reasons do no harm', () => {
  const event = parseRoomEvent({
    EventGroupId: '1', EventType: '104', CallbackMsTs: String(head.sentMs), Trace: {}, EventInfo: { RoomId: 5, EventTs: '1767225600', UserId: 'u', Role: 22, Reason: 99, UniqueId: 1 }
  })

  assert.deepEqual(event, { kind: 'userLeft', group: 1, type: 104, roomId: 5, eventMs: 1767225600000, sentMs: head.sentMs, userId: 'u', role: 'unknown', reason: 'other' })
})

test('groups, types and statuses that are not known come back as unknown with their content', () => {
  const screenshot = { EventGroupId: 6, EventType: 601, CallbackTs: head.sentMs, EventInfo: { eventID: 'x', roomID: 'r' } }

  assert.deepEqual(parseRoomEvent(screenshot), { kind: 'unknown', group: 6, type: 601, sentMs: head.sentMs, info: screenshot.EventInfo })
  const strange = [
    [bodyOf(106), 1, 106], [bodyOf(207), 2, 207], [bodyOf(103, {}, { EventGroupId: 3 }), 3, 103],
    [{ EventGroupId: 99, EventType: 9901 }, 99, 9901]
  ] as const
  for (const [body, group, type] of strange) {
    const event = parseRoomEvent(body)
    assert.deepEqual([event.kind, event.group, event.type], ['unknown', group, type])
  }
  assert.equal(parseRoomEvent(bodyOf(401, { UserId: 'agent_1', TaskId: 't', Payload: { Url: 'rtmp://h/a', Status: 6 } })).kind, 'unknown')
})

const faults: [name: string, body: unknown, field: string][] = [
  ['no object', [], 'body '],
  ['no group', { EventType: 101 }, 'EventGroupId '],
  ['a group that is no number', { EventGroupId: 'room', EventType: 101 }, 'EventGroupId '],
  ['a fraction as type', { EventGroupId: 1, EventType: 101.5 }, 'EventType '],
  ['no EventInfo', { EventGroupId: 1, EventType: 101, CallbackTs: 1 }, 'EventInfo '],
  ['no room', bodyOf(102, { RoomId: undefined }), 'EventInfo.RoomId '],
  ['room 0', bodyOf(102, { RoomId: 0 }), 'EventInfo.RoomId '],
  ['a room beyond 32 bits', bodyOf(102, { RoomId: 4294967296 }), 'EventInfo.RoomId '],
  ['an empty room name', bodyOf(102, { RoomId: '' }), 'EventInfo.RoomId '],
  ['a NUL in the room name', bodyOf(102, { RoomId: 'a\0b' }), 'EventInfo.RoomId '],
  ['a user without id', bodyOf(103, { UserId: undefined }), 'EventInfo.UserId '],
  ['half a surrogate pair as user', bodyOf(203, { UserId: '\ud83d' }), 'EventInfo.UserId '],
  ['an endless user id', bodyOf(203, { UserId: 'u'.repeat(129) }), 'EventInfo.UserId '],
  ['no time at all', bodyOf(203, { EventMsTs: undefined, EventTs: undefined }), 'EventInfo.EventMsTs '],
  ['a time beyond the calendar', bodyOf(203, { EventMsTs: 9e15, EventTs: 9e15 }), 'EventInfo.EventMsTs '],
  ['times that are none', bodyOf(104, { EventMsTs: 'NaN', EventTsMs: {}, EventTs: -1 }), 'EventInfo.EventMsTs '],
  ['half a room', bodyOf(103, { RoomId: 123.5 }), 'EventInfo.RoomId '],
  ['a relay status without robot', bodyOf(401, { UserId: undefined, Payload: { Status: 1 } }), 'EventInfo.UserId ']
]

for (const [name, body, field] of faults) {
  test(`${name} is refused by the name of the field`, () => {
    assert.throws(() => parseRoomEvent(body), (error) => error instanceof RoomtapeError && error.error === 'VALIDATION' && error.message.startsWith(field))
  })
}

/** What JSON can hold and what is nowhere expected. */
const oddities: unknown[] = [null, true, -1, 1e300, 'NaN', '', '0x14', '1e3', [], [20], {}, 'x'.repeat(2_000)]

test('whatever stands where an event only explains itself, it is taken', () => {
  const user = { ...head, userId: 'anchor_001' }
  for (const odd of oddities) {
    const left = parseRoomEvent(bodyOf(104, { Role: odd, Reason: odd, RoomType: odd, UniqueId: odd, TerminalType: odd }, { Trace: odd }))
    assert.deepEqual(left, { kind: 'userLeft', group: 1, type: 104, ...user, role: 'unknown', reason: 'other' }, JSON.stringify(odd))
    assert.deepEqual(parseRoomEvent(bodyOf(204, { Reason: odd })), { kind: 'audioStopped', group: 2, type: 204, ...user })
    assert.deepEqual(parseRoomEvent(bodyOf(103, { Role: 20, Reason: odd, UserType: odd })), { kind: 'userEntered', group: 1, type: 103, ...user, role: 'anchor' })
  }
})

test('a relay status is used for what can be read of it', () => {
  const status = { kind: 'relayStatus', group: 4, type: 401, ...head, userId: 'agent_1', status: 'failed', errorCode: 0, errorMessage: '' }
  const bare = { ...status, taskId: undefined, url: undefined }

  assert.deepEqual(parseRoomEvent(bodyOf(401, { UserId: 'agent_1', Payload: { Status: 4 } })), bare)
  for (const odd of [null, true, [], {}]) {
    const Payload = { Status: 4, Url: odd, ErrorCode: odd, ErrorMsg: odd }
    assert.deepEqual(parseRoomEvent(bodyOf(401, { UserId: 'agent_1', RoomType: odd, TaskId: odd, Payload })), bare, JSON.stringify(odd))
    assert.equal(parseRoomEvent(bodyOf(401, { UserId: 'agent_1', Payload: { Status: odd, Url: 'rtmp://h/a' } })).kind, 'unknown')
    assert.equal(parseRoomEvent(bodyOf(401, { UserId: 'agent_1', Payload: odd })).kind, 'unknown')
  }
  const explained = { UserId: 'agent_1', TaskId: 't', RoomType: '1', Payload: { Status: 4.9, Url: 'rtmp://h/a', ErrorCode: '-102024.0', ErrorMsg: 7 } }
  assert.deepEqual(parseRoomEvent(bodyOf(401, explained)), { ...status, taskId: 't', url: 'rtmp://h/a', errorCode: -102024, errorMessage: '7' })
})

test('a time is the first that can be read, its fraction cut off', () => {
  const timed = (info: object): unknown => {
    const event = parseRoomEvent(bodyOf(203, { EventMsTs: undefined, EventTs: undefined, ...info }))
    return 'eventMs' in event ? event.eventMs : undefined
  }

  assert.equal(timed({ EventMsTs: 1767225600100.9 }), 1767225600100)
  assert.equal(timed({ EventMsTs: '1767225600100' }), 1767225600100)
  assert.equal(timed({ EventMsTs: '1767225600100.9' }), 1767225600100)
  assert.equal(timed({ EventTs: 1767225600.9 }), 1767225600000)
  assert.equal(timed({ EventTs: '1767225600' }), 1767225600000)
  for (const odd of [...oddities, 9e15, '-5']) {
    assert.equal(timed({ EventMsTs: odd, EventTsMs: 1767225600200, EventTs: 1 }), 1767225600200, JSON.stringify(odd))
    assert.equal(timed({ EventMsTs: odd, EventTsMs: odd, EventTs: 1767225600 }), 1767225600000, JSON.stringify(odd))
    assert.equal(timed({ EventMsTs: 1767225600100, EventTs: odd }), 1767225600100, JSON.stringify(odd))
  }
})

test('an event need not say when it was sent, nor in which group it is', () => {
  for (const odd of oddities) {
    const event = parseRoomEvent(bodyOf(104, { Role: 20, Reason: 1 }, { CallbackTs: odd, EventGroupId: odd }))
    assert.partialDeepStrictEqual(event, { kind: 'userLeft', group: 1, type: 104, eventMs: head.eventMs, sentMs: undefined }, JSON.stringify(odd))
  }
  const both = parseRoomEvent(bodyOf(104, {}, { CallbackTs: 1767225600, CallbackMsTs: head.sentMs }))
  assert.equal(both.sentMs, head.sentMs)
})

test('the keys of events are those of version 0.1.0, so that one sent again across an upgrade is known', () => {
  const relay = { UserId: 'agent_1', TaskId: '-m97l', RoomType: 1, Payload: { Url: 'rtmp://h/a', Status: 2 } }
  const keys = [
    bodyOf(103, { Role: 20 }), bodyOf(102, { RoomId: 8489 }), bodyOf(401, relay), bodyOf(401, { ...relay, Payload: { Url: 'rtmp://h/a', Status: 6 } }),
    bodyOf(203, { EventMsTs: undefined }), bodyOf(203, { EventMsTs: 0 })
  ].map((body) => dedupeKey(1400000001, parseRoomEvent(body)))

  assert.deepEqual(keys, [
    '[1400000001,1,103,"s:room-7f3a","anchor_001",1767225600100]',
    '[1400000001,1,102,"n:8489","",1767225600100]',
    '[1400000001,4,401,"s:room-7f3a","agent_1",1767225600100,"-m97l","running"]',
    '[1400000001,4,401,"AhjCM1MpfmxXF1wDbcqWd1MwAcHRuK1CgYxU8-M8wYs"]',
    '[1400000001,2,203,"s:room-7f3a","anchor_001",1767225600000]',
    '[1400000001,2,203,"s:room-7f3a","anchor_001",0]'
  ])
})

test('bytes that are not JSON in UTF-8 are refused as a malformed body', () => {
  for (const raw of ['', '{', '{"EventGroupId":1}}', Buffer.from([0x22, 0xff, 0x22])]) {
    assert.throws(() => parseRoomEvent(Buffer.from(raw)), { error: 'BODY_MALFORMED' })
  }
})

test('an event sent again has the same key, another event of the same user another', () => {
  const first = parseRoomEvent(bodyOf(203))
  const again = parseRoomEvent(bodyOf(203, {}, { CallbackTs: head.sentMs + 10_000 }))
  const keys = new Set([
    first,
    parseRoomEvent(bodyOf(204)),
    parseRoomEvent(bodyOf(203, { EventMsTs: head.eventMs + 1 })),
    parseRoomEvent(bodyOf(203, { UserId: 'anchor_002' })),
    parseRoomEvent(bodyOf(203, { RoomId: 'room-7f3b' }))
  ].map((event) => dedupeKey(1400000001, event)))

  assert.equal(dedupeKey(1400000001, again), dedupeKey(1400000001, first))
  assert.notEqual(dedupeKey(1400000002, first), dedupeKey(1400000001, first))
  assert.equal(keys.size, 5)
})

test('unknown events are told apart by their content, not by when they were sent', () => {
  const event = (info: unknown, sentMs: number) => dedupeKey(1, parseRoomEvent({ EventGroupId: 6, EventType: 601, CallbackTs: sentMs, EventInfo: info }))

  assert.equal(event({ eventID: 'a' }, 1), event({ eventID: 'a' }, 2))
  assert.notEqual(event({ eventID: 'a' }, 1), event({ eventID: 'b' }, 1))
  assert.notEqual(event(undefined, 1), event({}, 1))
})
