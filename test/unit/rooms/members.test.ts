import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anchorsOf, memberChange } from '../../../src/rooms/members.ts'
import { robotId } from '../../../src/trtc/robot-id.ts'
import type { MemberRow } from '../../../src/state/rooms.ts'
import { parseRoomEvent } from '../../../src/trtc/room-event.ts'

const atMs = 1_767_225_600_100

function changeOf (type: number, info: object = {}) {
  return memberChange(parseRoomEvent({
    EventGroupId: Math.floor(type / 100),
    EventType: type,
    CallbackTs: atMs,
    EventInfo: { RoomId: 'room', EventTs: Math.floor(atMs / 1_000), EventMsTs: atMs, UserId: 'anna', ...info }
  }))
}

const yes = { value: true, atMs }
const no = { value: false, atMs }

test('every event says of its user what TRTC means by it, and no more', () => {
  assert.deepEqual(changeOf(103, { Role: 20 }), { userId: 'anna', present: yes, anchor: yes, anchoredMs: atMs })
  assert.deepEqual(changeOf(103, { Role: 21 }), { userId: 'anna', present: yes, anchor: no })
  assert.deepEqual(changeOf(103, { Role: 99 }), { userId: 'anna', present: yes })
  assert.deepEqual(changeOf(104, { Role: 20, Reason: 1 }), { userId: 'anna', present: no, audible: no, anchoredMs: atMs })
  assert.deepEqual(changeOf(104, { Role: 21, Reason: 2 }), { userId: 'anna', present: no, audible: no })
  assert.deepEqual(changeOf(105, { Role: 20 }), { userId: 'anna', present: yes, anchor: yes, anchoredMs: atMs })
  assert.deepEqual(changeOf(105, { Role: 21 }), { userId: 'anna', present: yes, anchor: no, audible: no, anchoredMs: atMs })
  assert.deepEqual(changeOf(203), { userId: 'anna', present: yes, anchor: yes, audible: yes, anchoredMs: atMs })
  assert.deepEqual(changeOf(204), { userId: 'anna', audible: no })
  assert.deepEqual(changeOf(205), { userId: 'anna', present: yes, anchor: yes, anchoredMs: atMs })
})

test('only a removal is one', () => {
  const kickedMs = (Reason: number): number | undefined => changeOf(104, { Role: 21, Reason })?.kickedMs

  assert.deepEqual([1, 2, 3, 4, 5, 6].map(kickedMs), [undefined, undefined, atMs, undefined, undefined, undefined])
})

test('our own robots are nobody', () => {
  for (const type of [103, 104, 105, 203]) assert.equal(changeOf(type, { UserId: robotId('src_1'), Role: 20, Reason: 1 }), undefined)
  assert.notEqual(changeOf(103, { UserId: 'roomtape-fan', Role: 20 }), undefined)
})

function member (userId: string, change: Partial<MemberRow>): MemberRow {
  return {
    sdkAppId: 1,
    roomKey: 's:room',
    userId,
    present: null,
    presentMs: 0,
    anchor: null,
    anchorMs: 0,
    audible: null,
    audibleMs: 0,
    anchoredMs: 0,
    kickedMs: 0,
    lastEventMs: 0,
    heardMs: 0,
    unconfirmedMs: null,
    ...change
  }
}

test('who may be heard is an anchor, there, and there since the room was last dismissed', () => {
  const members = [
    member('heard', { present: true, presentMs: 20, anchor: true }),
    member('muted', { present: true, presentMs: 20, anchor: true, audible: false }),
    member('gone', { present: false, presentMs: 20, anchor: true }),
    member('listens', { present: true, presentMs: 20, anchor: false }),
    member('unknown', { present: true, presentMs: 20 }),
    member('of-last-time', { present: true, presentMs: 10, anchor: true })
  ]

  assert.deepEqual(anchorsOf({ dismissedMs: 10, members }).map(({ userId }) => userId), ['heard', 'muted'])
  assert.deepEqual(anchorsOf({ dismissedMs: 0, members }).map(({ userId }) => userId), ['heard', 'muted', 'of-last-time'])
})
