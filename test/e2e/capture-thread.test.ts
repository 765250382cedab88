import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { listen, peakBetween } from '../helpers/listen.ts'
import { bucket, enterTalking, eventually, sdkAppId, startWorld, talked, type CallbackFile } from '../helpers/world.ts'

test('a capture thread that dies takes a second of its own tracks and nothing of the others, and the relays that come back are let in', async (t) => {
  const threads: Worker[] = []
  const onWorker = (worker: Worker): void => { threads.push(worker) }
  process.on('worker', onWorker)
  t.after(() => { process.off('worker', onWorker) })
  const world = await startWorld(t)
  const id = await world.start('room')
  const room = world.cloud.room(sdkAppId, 'room')
  const users = ['anna', 'ben']
  for (const userId of users) enterTalking(room, userId)
  const before = await Promise.all(users.map((userId) => talked(world, 'room', userId, 2_500)))
  assert.equal(new Set(before.map((url) => new URL(url).port)).size, 2, 'each in a thread of its own')

  assert.equal(threads.length, 2)
  const killedMs = Date.now()
  await threads[0]!.terminate()
  const [replacement] = await once(process, 'worker') as [Worker]
  assert.notEqual(replacement, threads[0])
  const victim = await eventually(async () => world.cloud.tasks().find(({ pushes }) => pushes[0]?.status === 3)?.anchorUserId)
  await eventually(async () => world.cloud.tasks().every(({ pushes }) => pushes[0]?.status === 2) || undefined)
  await sleep(2_000) // of talk in the other thread
  room.dismiss()

  const { Type, Files } = await world.ended(id)
  assert.equal(Type, 'recording.completed')
  assert.deepEqual(world.cloud.tasks().flatMap(({ pushes }) => pushes.map(({ url }) => url)).sort(), before.sort(), 'nobody was asked for anew')
  assert.equal((await world.detail(id)).Tracks.length, 2, 'the track goes on')
  const of = (userId: string): CallbackFile[] => Files.filter(({ UserId }) => UserId === userId)
  const [lost, further] = of(victim)
  const [untouched, ...more] = of(users.find((userId) => userId !== victim)!)
  assert.deepEqual([of(victim).map(({ Partial }) => Partial), untouched?.Partial, more], [[true, false], false, []])
  assert.ok(killedMs - lost!.EndMs <= 1_100, `${killedMs - lost!.EndMs} ms before the death are lost`)
  assert.ok(further!.StartMs - killedMs < 8_000, `heard again ${further!.StartMs - killedMs} ms after the death`)
  assert.ok(untouched!.GapMs < 50 && untouched!.DurationMs > 5_000, `${untouched!.GapMs} ms of ${untouched!.DurationMs} are missing`)
  for (const { Key, DurationMs } of Files) {
    const object = await world.cos.get(bucket, Key)
    const heard = await listen(object!.content)
    assert.ok(Math.abs(heard.durationSeconds * 1_000 - DurationMs) <= 1)
    assert.ok(peakBetween(heard, DurationMs - 1_100, DurationMs) > 0.1, 'whole to its end')
  }
})
