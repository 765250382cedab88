import assert from 'node:assert/strict'
import { chmod, mkdir, rmdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { keptSecret, openDataDir } from '../../../src/state/data-dir.ts'
import { temporaryFolder } from '../../helpers/world.ts'

test('a node keeps its name over its restarts, and another folder is another node', async (t) => {
  const [one, other] = [await temporaryFolder(t), await temporaryFolder(t)]
  const names = [one, one, other].map((path) => {
    const dataDir = openDataDir(path)
    dataDir.lock.release()
    return dataDir.nodeId
  })

  assert.match(names[0]!, /^node_/)
  assert.equal(names[1], names[0])
  assert.notEqual(names[2], names[0])
})

test('a folder that is not there is made, for its owner alone', async (t) => {
  const path = join(await temporaryFolder(t), 'deep', 'data')
  openDataDir(path).lock.release()

  assert.equal((await stat(path)).mode & 0o777, 0o700)
})

test('a folder is one gateway\'s, and what a killed process of an older version left stops nobody', async (t) => {
  const path = await temporaryFolder(t)
  await writeFile(join(path, 'lock'), `${process.ppid} another-boot`)
  const dataDir = openDataDir(path)

  assert.throws(() => openDataDir(path), { error: 'DATA_DIR_IN_USE', message: /another process works in .*: stop it/ })
  await assert.rejects(stat(join(path, 'lock')), { code: 'ENOENT' })
  dataDir.lock.release()
  openDataDir(path).lock.release()
})

test('a folder that cannot be used is not kept locked', async (t) => {
  const path = await temporaryFolder(t)
  await mkdir(join(path, 'node-id'))

  assert.throws(() => openDataDir(path), { code: 'EISDIR' })
  await rmdir(join(path, 'node-id'))
  openDataDir(path).lock.release()
})

test('a secret is made once, of 32 bytes, and only its owner reads it', async (t) => {
  const path = await temporaryFolder(t)
  const first = keptSecret(path, 'master-key')
  const again = keptSecret(path, 'master-key')
  const other = keptSecret(path, 'admin-token')

  assert.deepEqual([first.made, again.made, other.made], [true, false, true])
  assert.equal(again.value, first.value)
  assert.notEqual(other.value, first.value)
  assert.equal(Buffer.from(first.value, 'base64').length, 32)
  assert.equal((await stat(first.file)).mode & 0o777, 0o600)
})

test('a secret brought by the operator is taken as it is', async (t) => {
  const path = await temporaryFolder(t)
  await writeFile(join(path, 'admin-token'), 'brought-by-the-operator\n')
  await chmod(join(path, 'admin-token'), 0o400)

  assert.deepEqual(keptSecret(path, 'admin-token'), { value: 'brought-by-the-operator', file: join(path, 'admin-token'), made: false })
})
