import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setStage } from '../../helpers/relay-stage.ts'

const unavailable = { error: 'TRTC_UNAVAILABLE' }

test('a call that hangs does nothing until its caller gives up, and other calls are answered meanwhile', async (t) => {
  const { cloud, expect, start, stop } = await setStage(t)
  const { promise: hit, resolve } = Promise.withResolvers<undefined>()
  const caller = new AbortController()
  cloud.faults.add({ kind: 'hang', action: 'StartPublishCdnStream', onHit: () => resolve(undefined) })

  const hanging = start(expect(), { anchor: 'hangs', signal: caller.signal })
  await hit
  await stop(await start(expect(), { anchor: 'answered' }))
  caller.abort(new Error('given up'))
  await assert.rejects(hanging, /given up/)

  assert.deepEqual(cloud.tasks().map(({ anchorUserId }) => anchorUserId), ['answered'])
  assert.deepEqual(cloud.calls().map(({ action, userIds, fault }) => [action, ...userIds, fault]), [
    ['StartPublishCdnStream', 'hangs', 'hang'],
    ['StartPublishCdnStream', 'answered', undefined],
    ['StopPublishCdnStream', 'answered', undefined]
  ])
})

test('the vendor\'s client gives up a call that hangs after its own timeout', async (t) => {
  const { cloud, expect, start } = await setStage(t, {}, { timeoutSeconds: 1 })
  cloud.faults.add({ kind: 'hang' })

  await assert.rejects(start(expect()), unavailable)

  assert.deepEqual(cloud.tasks(), [])
})

test('Stops hang until the rule is taken back, and then one ends the task', async (t) => {
  const { cloud, expect, start, stop } = await setStage(t)
  const taskId = await start(expect())
  let caller = new AbortController()
  const takeBack = cloud.faults.add({ kind: 'hang', action: 'StopPublishCdnStream', times: Infinity, onHit: () => caller.abort(new Error('given up')) })

  for (let call = 0; call < 5; call++) {
    caller = new AbortController()
    await assert.rejects(stop(taskId, caller.signal), /given up/)
  }
  assert.equal(cloud.tasks()[0]!.endedBy, undefined)
  takeBack()
  await stop(taskId)

  assert.equal(cloud.tasks()[0]!.endedBy, 'stopped')
})

test('a Start whose answer is lost has started a task all the same, twice if it is tried again', async (t) => {
  const { cloud, expect, start } = await setStage(t)
  cloud.faults.add({ kind: 'lost-answer', action: 'StartPublishCdnStream' })

  await assert.rejects(start(expect(), { robot: 'robot-1' }), unavailable)
  await start(expect(), { robot: 'robot-2' })

  assert.deepEqual(cloud.tasks().map(({ robotUserId, endedBy }) => [robotUserId, endedBy]), [['robot-1', undefined], ['robot-2', undefined]])
})

test('a Stop whose answer is lost has ended the task', async (t) => {
  const { cloud, expect, start, stop } = await setStage(t)
  const taskId = await start(expect())
  cloud.faults.add({ kind: 'lost-answer', action: 'StopPublishCdnStream' })

  await assert.rejects(stop(taskId), unavailable)

  assert.equal(cloud.tasks()[0]!.endedBy, 'stopped')
})

test('an Update whose answer is lost has moved the push', async (t) => {
  const { cloud, expect, start, update } = await setStage(t)
  const [before, after] = [expect(), expect()]
  const taskId = await start(before)
  cloud.faults.add({ kind: 'lost-answer', action: 'UpdatePublishCdnStream' })

  await assert.rejects(update(taskId, 1, after))

  assert.deepEqual(cloud.tasks()[0]!.pushes.map(({ url }) => url.endsWith(after.key)), [true])
  await assert.rejects(update(taskId, 1, after), { code: 'InvalidParameter' }, 'that number was taken')
})

test('a rule hits the calls of its action, task, user and room, the nth of them and as many as it says', async (t) => {
  const { cloud, expect, start, stop } = await setStage(t)
  cloud.faults.add({ kind: 'refuse', code: 'InternalError', action: 'StartPublishCdnStream', userId: 'bob', nth: 2, times: 2 })
  const failed = async (call: Promise<unknown>) => await call.then(() => false, () => true)
  const starts: boolean[] = []

  for (const anchor of ['bob', 'alice', 'bob', 'bob', 'bob']) starts.push(await failed(start(expect(), { anchor })))

  assert.deepEqual(starts, [false, false, true, true, false], 'the second and third of bob\'s')
  const [one, other] = cloud.tasks()
  cloud.faults.add({ kind: 'refuse', code: 'InternalError', taskId: one!.taskId })
  assert.deepEqual([await failed(stop(other!.taskId)), await failed(stop(one!.taskId))], [false, true])
  cloud.faults.add({ kind: 'refuse', code: 'InternalError', roomId: 'another' })
  cloud.faults.add({ kind: 'refuse', code: 'InternalError', roomId: 'room-7f3a' })
  assert.deepEqual([await failed(stop(one!.taskId)), await failed(stop(one!.taskId))], [true, false], 'the task is of that room')
})

test('a cloud closes under calls that hang', async (t) => {
  const { cloud, expect, start } = await setStage(t)
  const { promise: hit, resolve } = Promise.withResolvers<undefined>()
  cloud.faults.add({ kind: 'hang', onHit: () => resolve(undefined) })
  const hanging = assert.rejects(start(expect()), unavailable)
  await hit

  await cloud.close()

  await hanging
})
