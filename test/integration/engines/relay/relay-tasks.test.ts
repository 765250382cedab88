import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { systemClock } from '../../../../src/core/clock.ts'
import { RelayTasks, type RelayApp, type StartOptions } from '../../../../src/engines/relay/main/relay-tasks.ts'
import type { Turn } from '../../../../src/engines/relay/main/waiting-calls.ts'
import { startTrtcCloud, type TrtcCloud } from '../../../../src/sandbox/trtc-cloud.ts'

const sdkAppId = 1_400_000_001
const secretIds = ['AKIDFIRST', 'AKIDSECOND'] as const
const turn: Turn = { recordingId: 'rec_1', rank: () => 'speaker' }

interface Setting {
  cloud: TrtcCloud
  relay: RelayTasks
  app: (secretId: string) => RelayApp
  /** Starts so many relays at once. @returns how long each took until its answer, milliseconds */
  startAll: (count: number, secretId: string) => Promise<number[]>
}

const options = ({ signal }: TestContext): StartOptions => ({ signal, giveUp: signal, onAsked: () => undefined })

async function set (t: TestContext): Promise<Setting> {
  const credentials = secretIds.map((secretId) => ({ secretId, secretKey: 'cloud-key' }))
  const cloud = await startTrtcCloud({ apps: [{ sdkAppId, secretKey: 'sdk-secret', callbackKey: 'key' }], credentials })
  t.after(() => cloud.close())
  const relay = new RelayTasks({ clock: systemClock, endpoint: cloud.endpoint, maxIdleSeconds: 60 })
  const app = (secretId: string): RelayApp => ({ sdkAppId, sdkSecretKey: 'sdk-secret', cloud: { secretId, secretKey: 'cloud-key', region: 'ap-guangzhou' } })
  const startAll = async (count: number, secretId: string): Promise<number[]> => {
    const begunMs = performance.now()
    return Promise.all(Array.from({ length: count }, async (_, index) => {
      const request = { roomId: 'room', anchorUserId: `anchor-${index}`, robotId: `${secretId}-${index}`, url: `rtmp://127.0.0.1:1/roomtape/${index}`, maxSeconds: 60 }
      await relay.start(app(secretId), request, turn, options(t))
      return performance.now() - begunMs
    }))
  }
  return { cloud, relay, app, startAll }
}

test('starts beyond what an account may make in a second wait, and none fails; another account does not wait for them', async (t) => {
  const { cloud, relay, app, startAll } = await set(t)
  // the first calls of a process take long enough to meet the next ones on their way
  await Promise.all(secretIds.map((secretId) => relay.stop(app(secretId), { taskId: 'none', host: null }, turn, t)))

  const all = Promise.all([startAll(60, secretIds[0]), startAll(20, secretIds[1])])
  assert.equal(relay.figures().waiting, 40)
  const [first, second] = (await all).map((took) => Math.max(...took))

  assert.equal(cloud.tasks().length, 80)
  assert.ok(first! >= 2_200 && first! < 10_000, `${first} ms`)
  assert.ok(second! < 2_200, `${second} ms`)
  assert.deepEqual(relay.figures(), { waiting: 0, refusedTotal: cloud.calls().filter(({ code }) => code === 'RequestLimitExceeded').length, budgets: 4 })
})

test('what TRTC refuses for its limit is made again until it is taken, and nobody hears of it', async (t) => {
  const { cloud, relay, app, startAll } = await set(t)
  cloud.faults.add({ kind: 'refuse', code: 'RequestLimitExceeded', times: 2 })

  await startAll(3, secretIds[0])

  const [task] = cloud.tasks()
  assert.ok(task !== undefined)
  assert.equal(cloud.tasks().length, 3)
  assert.equal(relay.figures().refusedTotal, 2)
  assert.equal(await relay.stop(app(secretIds[0]), { taskId: task.taskId, host: cloud.endpoint }, turn, t), 'stopped')
  assert.equal(await relay.stop(app(secretIds[0]), { taskId: task.taskId, host: null }, turn, t), 'noSuchTask')
})

test('an app without keys is refused before its turn', async (t) => {
  const { relay, app } = await set(t)
  const { cloud, ...keyless } = app(secretIds[0])
  const request = { roomId: 'room', anchorUserId: 'anchor', robotId: 'robot', url: 'rtmp://127.0.0.1:1/roomtape/key', maxSeconds: 60 }

  await assert.rejects(relay.start(keyless, request, turn, options(t)), { error: 'TRTC_REFUSED', message: /Cloud API credentials/ })
  await assert.rejects(relay.stop({ sdkAppId }, { taskId: 'task', host: null }, turn, t), { error: 'TRTC_REFUSED' })
  assert.ok(cloud)
  assert.equal(relay.figures().budgets, 0)
})
