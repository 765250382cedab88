import assert from 'node:assert/strict'
import { createSeal } from '../../../src/core/seal.ts'
import { RoomtapeError } from '../../../src/core/errors.ts'
import { putApp } from '../../../src/state/apps.ts'
import { CallbackKeys } from '../../../src/state/callback-keys.ts'
import { insertTenant } from '../../../src/state/tenants.ts'
import { onBothDatabases } from '../../helpers/databases.ts'

const seal = createSeal(Buffer.alloc(32, 7))
const unavailable = { error: 'UNAVAILABLE' }

onBothDatabases('keys are those the database says, and while it is away those it last said', async (t, open) => {
  const { kysely } = await open(t)
  await insertTenant(kysely, { id: 'ten_1', name: 'school', sealedCallbackSecret: 'sealed', createdMs: 1 })
  const put = (sdkAppId: number, callbackKey: string) => putApp(kysely, seal, { sdkAppId, tenantId: 'ten_1', engine: 'relay', callbackKey, createdMs: 1, updatedMs: 1 })
  await put(1, 'one')
  await put(2, 'two')
  await put(3, 'three')
  await kysely.updateTable('apps').set({ sealedSecrets: 'broken' }).where('sdkAppId', '=', 3).execute()
  let isAway = false
  const broken: object[] = []
  const keys = new CallbackKeys({
    kysely,
    seal,
    database: {
      ask (work) {
        if (isAway) throw new RoomtapeError('UNAVAILABLE', 'the database is away')
        return work()
      }
    },
    log: { error: (what: object) => { broken.push(what) } } as never
  })
  await keys.load()
  await put(1, 'one-changed')
  await put(4, 'four')
  isAway = true

  assert.equal(await keys.find(1), 'one', 'nobody has asked since it was changed')
  assert.equal(await keys.find(2), 'two')
  await assert.rejects(keys.find(4), unavailable, 'unknown is not the same as none')
  assert.partialDeepStrictEqual(broken, [{ sdkAppId: 3 }])
  isAway = false
  assert.deepEqual([await keys.find(1), await keys.find(4), await keys.find(5)], ['one-changed', 'four', undefined])
  await assert.rejects(keys.find(3), { error: 'SEAL_BROKEN' })
  await kysely.deleteFrom('apps').where('sdkAppId', '=', 2).execute()
  assert.equal(await keys.find(2), undefined)
  isAway = true
  assert.deepEqual([await keys.find(1), await keys.find(4)], ['one-changed', 'four'])
  await assert.rejects(keys.find(2), unavailable, 'an app that is gone is forgotten')
  keys.put(1, 'one-again')
  assert.equal(await keys.find(1), 'one-again')
})
