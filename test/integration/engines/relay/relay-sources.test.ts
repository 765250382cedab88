import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { systemClock } from '../../../../src/core/clock.ts'
import { createSeal } from '../../../../src/core/seal.ts'
import { RelaySources } from '../../../../src/engines/relay/main/relay-sources.ts'
import { RelayTasks } from '../../../../src/engines/relay/main/relay-tasks.ts'
import { startTrtcCloud } from '../../../../src/sandbox/trtc-cloud.ts'
import { putApp, type App } from '../../../../src/state/apps.ts'
import { insertRecording } from '../../../../src/state/recordings.ts'
import { findRelayTask } from '../../../../src/state/relay-tasks.ts'
import { openSources } from '../../../../src/state/sources.ts'
import { insertTenant } from '../../../../src/state/tenants.ts'
import { onBothDatabases } from '../../../helpers/databases.ts'
import { closeAfter } from '../../../helpers/scope.ts'

onBothDatabases('a relay is stopped at the host it was started at, wherever its app is called by now', async (t, open) => {
  const { kysely } = await open(t)
  const sdkAppId = 1_400_000_001
  const credential = { secretId: 'AKIDSANDBOX', secretKey: 'sandbox-cloud-key' }
  const [former, present] = await Promise.all([1, 2].map(async () => {
    const cloud = await startTrtcCloud({ apps: [{ sdkAppId, secretKey: 'sdk-secret', callbackKey: 'key' }], credentials: [credential] })
    closeAfter(t, () => cloud.close())
    return cloud
  }))
  const app: App = { sdkAppId, tenantId: 'ten_1', engine: 'relay', callbackKey: 'key', sdkSecretKey: 'sdk-secret', createdMs: 1, updatedMs: 1 }
  await insertTenant(kysely, { id: 'ten_1', name: 'school', sealedCallbackSecret: 'sealed', createdMs: 1 })
  await putApp(kysely, createSeal(Buffer.alloc(32, 7)), app)
  const { row } = await insertRecording(kysely, {
    id: 'rec_1',
    tenantId: 'ten_1',
    sdkAppId,
    roomKey: 's:room',
    userId: 'recorder',
    jobId: randomUUID(),
    options: { strRoomId: 'room', subscribe: {}, policies: [], fillGaps: true, maxDurationSeconds: 60, maxIdleSeconds: 60, metadata: {} },
    sealedSecrets: 'sealed',
    createdMs: 1
  })
  let endpoint = former!.endpoint
  const appOf = async (): Promise<App> => ({ ...app, cloud: { ...credential, region: 'ap-guangzhou', endpoint } })
  const relay = new RelayTasks({ clock: systemClock })
  const sources = new RelaySources(row, { kysely, relay, clock: systemClock, log: pino({ level: 'silent' }), appOf }, { signal: t.signal })
  await sources.start({ sourceId: 'src_1', userId: 'anchor', expect: async (key) => `rtmp://127.0.0.1:1/roomtape/${key}` })
  const [running] = former!.tasks()

  endpoint = present!.endpoint
  const before = await openSources(kysely, 'rec_1')
  await sources.stop('src_1')

  assert.deepEqual(before.map(({ id, userId, robotId }) => [id, userId, robotId]), [['src_1', 'anchor', running?.robotUserId]])
  assert.deepEqual([former, present].map((cloud) => cloud!.tasks().map(({ endedBy }) => endedBy)), [['stopped'], []])
  assert.partialDeepStrictEqual(await findRelayTask(kysely, 'src_1'), { sdkAppId, host: former!.endpoint, taskId: running?.taskId })
  assert.notEqual((await findRelayTask(kysely, 'src_1'))?.stoppedMs, null)
  assert.deepEqual(await openSources(kysely, 'rec_1'), [])
})
