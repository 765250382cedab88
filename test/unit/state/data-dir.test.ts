import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { keptSecret, openDataDir } from '../../../src/state/data-dir.ts'
import { temporaryFolder } from '../../helpers/world.ts'

test('a node keeps its name over its restarts, and another folder is another node', async (t) => {
  const [one, other] = [await temporaryFolder(t), await temporaryFolder(t)]
  const names = [one, one, other].map((path) => {
    const dataDir = openDataDir(path)
    dataDir.release()
    return dataDir.nodeId
  })

  assert.match(names[0]!, /^node_/)
  assert.equal(names[1], names[0])
  assert.notEqual(names[2], names[0])
})

test('a folder that is not there is made, for its owner alone', async (t) => {
  const path = join(await temporaryFolder(t), 'deep', 'data')
  openDataDir(path).release()

  assert.equal((await stat(path)).mode & 0o777, 0o700)
})

test('a folder another process works in is refused, by that process\'s id, until it is gone', async (t) => {
  const path = await temporaryFolder(t)
  const boot = await bootOf(path)
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  t.after(() => { other.kill('SIGKILL') })
  await writeFile(join(path, 'lock'), `${other.pid} ${boot}`)

  assert.throws(() => openDataDir(path), { error: 'DATA_DIR_IN_USE', message: new RegExp(`process ${other.pid} .*delete .*lock`) })
  other.kill('SIGKILL')
  await once(other, 'exit')
  const dataDir = openDataDir(path)
  assert.equal(await readFile(join(path, 'lock'), 'utf8'), `${process.pid} ${boot}`)
  dataDir.release()
  await assert.rejects(stat(join(path, 'lock')), { code: 'ENOENT' })
})

test('what a killed process or another life of the machine left stops nobody', async (t) => {
  const path = await temporaryFolder(t)
  const boot = await bootOf(path)
  for (const left of [`${process.pid} ${boot}`, '', 'x', `-1 ${boot}`, `99999999999 ${boot}`, `${process.ppid} another-boot`]) {
    await writeFile(join(path, 'lock'), left)
    openDataDir(path).release()
  }
})

/** Id of this boot of the machine, as a lock holds it. */
async function bootOf (path: string): Promise<string> {
  const dataDir = openDataDir(path)
  const [, boot = ''] = (await readFile(join(path, 'lock'), 'utf8')).split(' ')
  dataDir.release()
  return boot
}

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
