import assert from 'node:assert/strict'
import fc from 'fast-check'
import { memberChange } from '../../../src/rooms/members.ts'
import { insertRoomEvent, mergeMember, mergeRoom } from '../../../src/state/rooms.ts'
import type { RoomEvent } from '../../../src/trtc/room-event.ts'
import { onBothDatabases } from '../../helpers/databases.ts'

const sdkAppId = 1_400_000_001

const eventArbitrary: fc.Arbitrary<RoomEvent> = fc.record({
  userId: fc.constantFrom('a', 'b'),
  eventMs: fc.integer({ min: 1, max: 6 }),
  kind: fc.constantFrom('userEntered' as const, 'userLeft' as const, 'roleChanged' as const, 'audioStarted' as const, 'audioStopped' as const, 'screenStarted' as const),
  role: fc.constantFrom('anchor' as const, 'audience' as const)
}).map(({ kind, ...event }) => ({ ...event, kind, reason: 'normal', group: 1, type: 0, roomId: 'room', sentMs: 0 }))

onBothDatabases('events of a room lead to one state, whatever their order and however often they come', async (t, open) => {
  const { kysely } = await open(t)
  let run = 0
  const stateAfter = async (events: RoomEvent[]) => {
    const room = { sdkAppId, roomKey: `s:${run++}` }
    for (const event of events) {
      const change = memberChange(event)
      if (change !== undefined && 'eventMs' in event) await mergeMember(kysely, room, change, { eventMs: event.eventMs, heardMs: event.eventMs })
    }
    const members = await kysely.selectFrom('members').selectAll().where('roomKey', '=', room.roomKey).execute()
    return members.map(({ roomKey: _, ...member }) => member).sort((a, b) => a.userId.localeCompare(b.userId))
  }

  await fc.assert(fc.asyncProperty(
    fc.array(eventArbitrary, { minLength: 1, maxLength: 6 })
      .chain((events) => fc.tuple(fc.constant(events), fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }))),
    async ([events, disorder]) => { assert.deepEqual(await stateAfter(disorder), await stateAfter(events)) }
  ), { numRuns: 40 })
})

onBothDatabases('an event is stored once, and neither a dismissal nor the last sign of an anchor is taken back by an older one', async (t, open) => {
  const { kysely } = await open(t)
  const room = { sdkAppId, roomKey: 's:room' }
  const event = { dedupeKey: 'k', sdkAppId, roomKey: 's:room', userId: null, eventGroup: 1, eventType: 102, receivedMs: 1, body: '{}' }

  assert.deepEqual([await insertRoomEvent(kysely, event), await insertRoomEvent(kysely, event)], [true, false])
  for (const [dismissedMs, lastAnchoredMs] of [[50, 3], [0, 9], [40, 0]] as const) await mergeRoom(kysely, room, { dismissedMs, lastAnchoredMs }, 1)
  assert.partialDeepStrictEqual(await kysely.selectFrom('rooms').selectAll().execute(), [{ dismissedMs: 50, lastAnchoredMs: 9 }])
})
