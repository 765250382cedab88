import assert from 'node:assert/strict'
import { systemClock } from '../../../src/core/clock.ts'
import { hearEvent, takeEvent, type Concerned } from '../../../src/rooms/take-event.ts'
import type { Connection } from '../../../src/state/database.ts'
import { insertRelayTask } from '../../../src/state/relay-tasks.ts'
import { insertSource } from '../../../src/state/sources.ts'
import { robotId } from '../../../src/trtc/robot-id.ts'
import { onBothDatabases } from '../../helpers/databases.ts'
import { setRelayStage, relayAppId } from '../../helpers/relay-rows.ts'

let eventMs = 1_767_225_600_000

async function concerned (kysely: Connection, EventType: number, info: object, EventGroupId = 1): Promise<Concerned> {
  eventMs++
  const body = { EventGroupId, EventType, CallbackTs: eventMs, EventInfo: { RoomId: 'room', EventTs: Math.floor(eventMs / 1000), EventMsTs: eventMs, ...info } }
  return (await takeEvent(hearEvent(relayAppId, body, systemClock), kysely)).concerns
}

onBothDatabases('an event about the audience concerns nobody but a recorder of that name; one about the stage, or the end of a room, the whole room', async (t, open) => {
  const { kysely } = await open(t)
  const event = (type: number, info: object) => concerned(kysely, type, info, type > 200 ? 2 : 1)

  for (const type of [103, 104]) assert.deepEqual(await event(type, { UserId: 'guest', Role: 21, Reason: 1 }), { who: 'recorder', userId: 'guest' }, String(type))
  assert.deepEqual(await event(103, { UserId: 'anna', Role: 20 }), { who: 'room' })
  assert.deepEqual(await event(203, { UserId: 'anna' }), { who: 'room' })
  assert.deepEqual(await event(105, { UserId: 'anna', Role: 21 }), { who: 'room' })
  assert.deepEqual(await event(104, { UserId: 'anna', Role: 21, Reason: 1 }), { who: 'recorder', userId: 'anna' })
  assert.deepEqual(await event(103, { UserId: 'ben', Role: 20 }), { who: 'room' })
  // His 105 was lost
  assert.deepEqual(await event(104, { UserId: 'ben', Role: 21, Reason: 1 }), { who: 'room' })
  assert.deepEqual(await event(103, { UserId: robotId('src_1'), Role: 21 }), { who: 'nobody' })
  assert.deepEqual(await event(102, {}), { who: 'room' })
})

onBothDatabases('what TRTC tells of a relay concerns the recording whose robot it is, and of an unknown one nobody', async (t, open) => {
  const { kysely } = await open(t)
  const { row } = await setRelayStage(t, kysely)
  await insertSource(kysely, { id: 'src_1', recordingId: row.id, engine: 'relay', userId: 'anna', generation: 1, createdMs: 1 })
  const robot = robotId('src_1')
  await insertRelayTask(kysely, { sourceId: 'src_1', sdkAppId: relayAppId, robotId: robot, host: 'host', sealedKey: 'sealed', port: 1935, createdMs: 1 })
  const told = (UserId: string) => concerned(kysely, 401, { UserId, TaskId: 'task', Payload: { Url: 'rtmp://127.0.0.1/x', Status: 2 } }, 4)

  assert.deepEqual(await told(robot), { who: 'recording', recordingId: row.id })
  assert.deepEqual(await told('roomtape-nobody'), { who: 'nobody' })
})
