import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { SeenIds } from '../../../examples/receiver/seen-ids.ts'
import { temporaryFolder } from '../../helpers/cos.ts'

test('the example receiver remembers the newest ids, for a week, and its file is bounded', async (t) => {
  const path = join(await temporaryFolder(t), 'ids')
  writeFileSync(path, `${Date.now() - 7 * 86_400_000} evt_old\n${Date.now() - 6 * 86_400_000} evt_young\n`)
  const seen = new SeenIds(path, 10)
  const known = (ids: SeenIds): boolean[] => ['evt_old', 'evt_young', 'evt_0', 'evt_99'].map((id) => ids.has(id))
  assert.deepEqual(known(seen), [false, true, false, false])

  for (let i = 0; i < 100; i++) {
    seen.add(`evt_${i}`)
    assert.ok(readFileSync(path, 'utf8').split('\n').length <= 2 * 10 + 1)
  }

  assert.deepEqual(known(seen), [false, false, false, true])
  assert.deepEqual(Array.from({ length: 100 }, (_, i) => i).filter((i) => new SeenIds(path, 10).has(`evt_${i}`)), [90, 91, 92, 93, 94, 95, 96, 97, 98, 99])
})

test('a line of ids that a crash has cut off is forgotten, and spoils none after it', async (t) => {
  const path = join(await temporaryFolder(t), 'ids')
  new SeenIds(path).add('evt_1')
  appendFileSync(path, `${Date.now()} evt_2`)

  new SeenIds(path).add('evt_3')

  const seen = new SeenIds(path)
  assert.deepEqual(['evt_1', 'evt_2', 'evt_3'].map((id) => seen.has(id)), [true, false, true])
})
