import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { CallbackMeasures, MeasuredAttempt } from '../../../src/callback/measures.ts'
import { startReceiver } from '../../../src/sandbox/receiver.ts'
import { callbackFigures } from '../../../src/state/callback-figures.ts'
import { startCallbacks } from '../../helpers/callbacks.ts'
import { onBothDatabases } from '../../helpers/databases.ts'
import { closeAfter } from '../../helpers/scope.ts'

onBothDatabases('each attempt is measured once it is noted, and what waits is counted', async (t, open) => {
  const { kysely } = await open(t)
  const measures: CallbackMeasures = new EventEmitter()
  const attempts: MeasuredAttempt[] = []
  const dead: Array<{ reason: string, count: number }> = []
  const { promise: all, resolve } = Promise.withResolvers<undefined>()
  measures.on('attempt', (each) => {
    attempts.push(each)
    if (attempts.length === 4) resolve(undefined)
  })
  measures.on('dead', (each) => { dead.push(each) })
  const { end, endpoint } = await startCallbacks(t, kysely, { measures })
  for (const status of [200, 410, 500]) {
    const receiver = await startReceiver({ respond: () => ({ status }) })
    closeAfter(t, () => receiver.close())
    await endpoint(receiver.url)
  }
  await endpoint('http://192.0.2.1/')
  await endpoint('http://127.0.0.1/', { enabled: false })

  await end()
  await all
  const figures = await callbackFigures(kysely)

  assert.deepEqual(attempts.map((each) => [each.result, each.class, 'attemptSeconds' in each, 'deliverySeconds' in each]).sort(), [
    ['dead', '4xx', true, false], ['dead', 'blocked', false, false], ['delivered', '2xx', true, true], ['retried', '5xx', true, false]
  ])
  assert.deepEqual(dead.toSorted((a, b) => a.reason.localeCompare(b.reason)), [{ reason: 'blocked_target', count: 1 }, { reason: 'gone', count: 1 }])
  assert.ok(figures.pending >= 1, `${figures.pending} wait`)
  assert.ok(figures.oldestPendingMs >= 0 && figures.oldestPendingMs < 60_000, `for ${figures.oldestPendingMs} ms`)
  assert.deepEqual(figures.disabled, { asked: 1, blocked_target: 1, gone: 1 })
})
