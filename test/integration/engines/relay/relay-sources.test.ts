import assert from 'node:assert/strict'
import { createSeal } from '../../../../src/core/seal.ts'
import { StartFailed } from '../../../../src/engines/relay/main/relay-sources.ts'
import type { Connection } from '../../../../src/state/database.ts'
import { countStops, dueStops, findRelayTask } from '../../../../src/state/relay-tasks.ts'
import { sourcesOf } from '../../../../src/state/sources.ts'
import { onBothDatabases } from '../../../helpers/databases.ts'
import { setRelayStage, startOf, startRelayCloud } from '../../../helpers/relay-rows.ts'

/** The outcome with which a start fails. */
async function failure (start: Promise<void>): Promise<string> {
  const error = await start.then(() => undefined, (error: unknown) => error)
  assert.ok(error instanceof StartFailed, String(error))
  return error.outcome
}

onBothDatabases('a source and its task are noted with key and port before TRTC is asked, and the key can be opened again', async (t, open) => {
  const { kysely } = await open(t)
  const { relay, sources, cloud } = await setRelayStage(t, kysely)
  let key: string | undefined
  let noted: unknown
  const start: typeof relay.start = async (app, ...rest) => {
    noted = await findRelayTask(kysely, 'src_1')
    return relay.start(app, ...rest)
  }
  const relaySources = sources({ relay: { start, hostOf: (app) => relay.hostOf(app) } })
  await relaySources.start(startOf('src_1', { expect: async (given) => { key = given; return { url: `rtmp://127.0.0.1:1/roomtape/${given}`, port: 1 } } }))

  const [running] = cloud.tasks()
  const [row] = await sourcesOf(kysely, 'rec_1').execute()
  assert.partialDeepStrictEqual(noted, { port: 1, host: cloud.endpoint, robotId: running?.robotUserId, taskId: null })
  assert.partialDeepStrictEqual(row, { id: 'src_1', userId: 'anchor', taskId: running?.taskId, port: 1, stoppedMs: null, outcome: null })
  assert.equal(relaySources.keyOf(row!), key)
  assert.doesNotMatch(JSON.stringify(row), new RegExp(key!), 'it is sealed')
  assert.throws(() => relaySources.keyOf({ ...row!, id: 'src_2' }), { error: 'SEAL_BROKEN' })
  assert.throws(() => sources({ seal: createSeal(Buffer.alloc(32, 8)) }).keyOf(row!), { error: 'SEAL_BROKEN' })
  assert.equal(relaySources.keyOf({ id: 'src_1', sealedKey: null }), undefined)
})

onBothDatabases('a source is let go at once, and its Stop is due at the host where it was started, wherever its app is called by now', async (t, open) => {
  const { kysely } = await open(t)
  const { app, cloud, sources, wakes } = await setRelayStage(t, kysely)
  const present = await startRelayCloud(t)
  let endpoint = cloud.endpoint
  const relaySources = sources({ appOf: async () => ({ ...app, cloud: { ...app.cloud!, endpoint } }) })
  await relaySources.start(startOf('src_1'))
  endpoint = present.endpoint
  const before = wakes()
  await relaySources.letGo('src_1')

  const [row] = await sourcesOf(kysely, 'rec_1').execute()
  assert.equal(before, 0)
  assert.equal(wakes(), 1)
  assert.notEqual(row?.stoppedMs, null)
  assert.partialDeepStrictEqual(await dueStops(kysely, Date.now(), 9), [{ sourceId: 'src_1', host: cloud.endpoint, taskId: cloud.tasks()[0]?.taskId, recordingId: 'rec_1' }])
})

onBothDatabases('a Start that TRTC refuses has ended, and letting its source go stops nothing', async (t, open) => {
  const { kysely } = await open(t)
  const { cloud, sources } = await setRelayStage(t, kysely)
  cloud.failNext('StartPublishCdnStream', 'FailedOperation.Room')
  const relaySources = sources()

  assert.equal(await failure(relaySources.start(startOf('src_1'))), 'refused')
  await relaySources.letGo('src_1')
  assert.partialDeepStrictEqual(await findRelayTask(kysely, 'src_1'), { outcome: 'refused', taskId: null })
  assert.equal(await countStops(kysely), 0)
})

onBothDatabases('a Start of an app without keys is refused, and TRTC is not asked', async (t, open) => {
  const { kysely } = await open(t)
  const { app, cloud, sources } = await setRelayStage(t, kysely)
  const { sdkSecretKey: _, ...keyless } = app

  assert.equal(await failure(sources({ appOf: async () => keyless }).start(startOf('src_1'))), 'refused')
  assert.deepEqual(cloud.calls(), [])
})

for (const kind of ['lost-answer', 'refuse'] as const) {
  onBothDatabases(`a Start whose answer ${kind === 'refuse' ? 'is an error of TRTC\'s own' : 'is lost'} may have been taken: it waits for its TaskId`, async (t, open) => {
    const { kysely } = await open(t)
    const { cloud, sources } = await setRelayStage(t, kysely)
    cloud.faults.add(kind === 'refuse' ? { kind, code: 'InternalError.Unknown' } : { kind })
    const relaySources = sources()

    assert.equal(await failure(relaySources.start(startOf('src_1'))), 'unanswered')
    assert.partialDeepStrictEqual(await findRelayTask(kysely, 'src_1'), { outcome: null, taskId: null, stoppedMs: null })
    await relaySources.letGo('src_1')
    assert.equal(await countStops(kysely), 1)
    assert.deepEqual(await dueStops(kysely, Date.now(), 9), [])
  })
}

onBothDatabases('a Start that hangs when the session ends may have been taken', async (t, open) => {
  const { kysely } = await open(t)
  const { cloud, sources } = await setRelayStage(t, kysely)
  const session = new AbortController()
  cloud.faults.add({ kind: 'hang', onHit: () => { session.abort() } })

  assert.equal(await failure(sources({}, session.signal).start(startOf('src_1'))), 'unanswered')
  assert.partialDeepStrictEqual(await findRelayTask(kysely, 'src_1'), { outcome: null, stoppedMs: null })
})

onBothDatabases('a Start that is given up while it waits for its turn is not made, and nothing is left of it', async (t, open) => {
  const { kysely } = await open(t)
  const { cloud, sources, relay } = await setRelayStage(t, kysely)
  const giveUp = new AbortController()
  const relaySources = sources()
  await Promise.all(Array.from({ length: 20 }, (_, index) => relaySources.start(startOf(`src_${index}`))))
  const last = failure(relaySources.start(startOf('src_last', { rank: () => { queueMicrotask(() => { giveUp.abort() }); return 'silent' }, giveUp: giveUp.signal })))

  assert.equal(await last, 'unasked')
  await relaySources.letGo('src_last')
  assert.partialDeepStrictEqual(await findRelayTask(kysely, 'src_last'), { outcome: 'unasked' })
  assert.deepEqual([cloud.calls().length, relay.figures().waiting, await countStops(kysely)], [20, 0, 0])
})

onBothDatabases('a Start that TRTC did not take for its limit, and that is given up meanwhile, was not made', async (t, open) => {
  const { kysely } = await open(t)
  const { cloud, sources } = await setRelayStage(t, kysely)
  const giveUp = new AbortController()
  cloud.faults.add({ kind: 'refuse', code: 'RequestLimitExceeded', onHit: () => { giveUp.abort() } })

  assert.equal(await failure(sources().start(startOf('src_1', { giveUp: giveUp.signal }))), 'unasked')
  assert.equal(cloud.calls().length, 1)
})

onBothDatabases('a Start that is answered after its source was let go makes its Stop due', async (t, open) => {
  const { kysely } = await open(t)
  const { relay, sources, wakes } = await setRelayStage(t, kysely)
  const start: typeof relay.start = async (app, ...rest) => {
    const answer = await relay.start(app, ...rest)
    await sources().letGo('src_1')
    return answer
  }
  await sources({ relay: { start, hostOf: (app) => relay.hostOf(app) } }).start(startOf('src_1'))

  assert.equal(wakes(), 2, 'for the source that is let go, and for the TaskId')
  assert.deepEqual((await dueStops(kysely, Date.now(), 9)).map(({ sourceId }) => sourceId), ['src_1'])
})

onBothDatabases('the TaskId of an answer is noted though the database was away when it came', async (t, open) => {
  const { kysely } = await open(t)
  const { cloud, sources } = await setRelayStage(t, kysely)
  let failures = 0
  const away: Connection = new Proxy(kysely, {
    get (target, name) {
      if (name === 'updateTable' && failures++ === 0) throw new Error('Connection terminated')
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) as unknown : value
    }
  })
  await sources({ kysely: away }).start(startOf('src_1'))

  assert.ok(failures > 1)
  assert.equal((await findRelayTask(kysely, 'src_1'))?.taskId, cloud.tasks()[0]?.taskId)
})
