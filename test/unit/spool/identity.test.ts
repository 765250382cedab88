import assert from 'node:assert/strict'
import { cp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { adoptFolder, lockSpool, takeSpool } from '../../../src/spool/lock.ts'
import { temporaryFolder } from '../../helpers/world.ts'

/** The id of a spool, which nobody works on afterwards. */
function idOf (path: string, take: (path: string) => Disposable & { id: string } = (folder) => takeSpool(folder, { isLocked: false })): string {
  using spool = take(path)
  return spool.id
}

test('a spool keeps its id, also when its folder is renamed on its disk; another folder is another spool', async (t) => {
  const folder = await temporaryFolder(t)
  const [one, other, renamed] = ['one', 'other', 'renamed'].map((name) => join(folder, name)) as [string, string, string]
  const id = idOf(one)

  assert.match(id, /^spl_\w+$/)
  assert.equal(idOf(one), id)
  assert.notEqual(idOf(other), id)
  await rename(one, renamed)
  assert.equal(idOf(renamed), id)
})

test('a copy is refused, names the spool it says it is and what to do, and is that spool once it is adopted', async (t) => {
  const folder = await temporaryFolder(t)
  const [original, copy] = [join(folder, 'original'), join(folder, 'copy')]
  const id = idOf(original)
  await cp(original, copy, { recursive: true })

  for (const take of [idOf, () => idOf(copy, lockSpool)]) {
    assert.throws(() => take(copy), (error: Error) => error.message.includes(id) && error.message.includes(`roomtape spool adopt ${copy}`))
  }
  await rm(original, { recursive: true })
  assert.equal(adoptFolder(copy), id)
  assert.equal(idOf(copy), id)
})

test('a spool that is worked on is neither finished nor adopted', async (t) => {
  const path = await temporaryFolder(t)
  using spool = takeSpool(path, { isLocked: false })

  assert.match(spool.id, /^spl_/)
  assert.throws(() => lockSpool(path), { error: 'DATA_DIR_IN_USE' })
  assert.throws(() => adoptFolder(path), { error: 'DATA_DIR_IN_USE' })
})

test('what is no spool, no folder, or damaged is said to be so, and left as it is', async (t) => {
  const folder = await temporaryFolder(t)
  assert.throws(() => lockSpool(folder), { error: 'NOT_FOUND', message: /is no spool/ })
  assert.throws(() => adoptFolder(join(folder, 'absent')), { error: 'NOT_FOUND', message: /is no folder/ })
  await writeFile(join(folder, 'spool-id'), '{"id":"spl_')
  assert.throws(() => takeSpool(folder, { isLocked: false }), { error: 'SPOOL_FAILED', message: /is damaged/ })
  await writeFile(join(folder, 'file'), '')
  assert.throws(() => lockSpool(join(folder, 'file')), { error: 'NOT_FOUND' })
})
