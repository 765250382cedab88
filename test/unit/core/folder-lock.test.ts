import assert from 'node:assert/strict'
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { lockFolder } from '../../../src/core/folder-lock.ts'
import { temporaryFolder } from '../../helpers/world.ts'

const run = promisify(execFile)
const script = `
  import { lockFolder } from '${new URL('../../../src/core/folder-lock.ts', import.meta.url).href}'
  try {
    lockFolder(process.argv[1])
    console.log('taken')
    setInterval(() => {}, 1000)
  } catch (error) {
    console.log(error.error ?? error.message)
  }`

/** Has another process lock the folder and stay. @returns it, and what came of it */
async function lockElsewhere (t: TestContext, path: string, uid = process.getuid!()): Promise<{ other: ChildProcess, answer: string }> {
  const other = spawn(process.execPath, ['--input-type=module', '-e', script, path], { stdio: ['ignore', 'pipe', 'inherit'], uid })
  t.after(() => { other.kill('SIGKILL') })
  const [line] = await once(other.stdout, 'data') as [Buffer]
  return { other, answer: line.toString().trim() }
}

async function kill (other: ChildProcess): Promise<void> {
  other.kill('SIGKILL')
  await once(other, 'exit')
}

test('a folder that another process works in is refused by its name, until that process is killed', async (t) => {
  const path = await temporaryFolder(t)
  const { other, answer } = await lockElsewhere(t, path)

  assert.equal(answer, 'taken')
  assert.throws(() => lockFolder(path), (error: Error & { error?: string }) => error.error === 'DATA_DIR_IN_USE' && error.message.includes(path))
  await kill(other)
  lockFolder(path).release()
})

test('a process that stands still keeps its folder', async (t) => {
  const path = await temporaryFolder(t)
  const { other } = await lockElsewhere(t, path)
  other.kill('SIGSTOP')

  assert.throws(() => lockFolder(path), { error: 'DATA_DIR_IN_USE' })
})

test('a folder is locked once, also within a process, and is the same one every time', async (t) => {
  const path = await temporaryFolder(t)
  const first = lockFolder(path)

  assert.throws(() => lockFolder(path), { error: 'DATA_DIR_IN_USE' })
  assert.equal((await lockElsewhere(t, path)).answer, 'DATA_DIR_IN_USE', 'trying again did not free it')
  first.release()
  const second = lockFolder(path)
  first.release()
  assert.equal((await lockElsewhere(t, path)).answer, 'DATA_DIR_IN_USE', 'a lock is released once')
  second.release()
  assert.equal(second.inode, first.inode)
})

test('of four that start together one has the folder', async (t) => {
  const path = await temporaryFolder(t)
  const answers = await Promise.all([1, 2, 3, 4].map(async () => (await lockElsewhere(t, path)).answer))

  assert.deepEqual(answers.sort(), ['DATA_DIR_IN_USE', 'DATA_DIR_IN_USE', 'DATA_DIR_IN_USE', 'taken'])
})

test('a copy of a folder is another folder, whoever works in the first', async (t) => {
  const [path, copies] = [await temporaryFolder(t), await temporaryFolder(t)]
  const first = lockFolder(path)
  await run('cp', ['-a', path, join(copies, 'copy')]) // not by this process, see lockFolder
  const copy = lockFolder(join(copies, 'copy'))

  assert.notEqual(copy.inode, first.inode)
  assert.throws(() => lockFolder(path), { error: 'DATA_DIR_IN_USE' })
  copy.release()
  first.release()
})

test('a path may be long, and hold what a URL could not', async (t) => {
  const path = join(await temporaryFolder(t), 'with ?mode=memory&#%41', 'x'.repeat(200))
  await mkdir(path, { recursive: true })
  const lock = lockFolder(path)

  assert.equal((await lockElsewhere(t, path)).answer, 'DATA_DIR_IN_USE')
  lock.release()
})

test('a lock leaves one empty file, which only its owner reads', async (t) => {
  const path = await temporaryFolder(t)
  const lock = lockFolder(path)

  for (const release of [() => undefined, lock.release]) {
    release()
    const [name, ...others] = await readdir(path)
    assert.deepEqual([name, others], ['lock.sqlite', []])
    const { size, mode } = await stat(join(path, 'lock.sqlite'))
    assert.deepEqual([size, mode & 0o777], [0, 0o600])
  }
})

test('a folder, or a lock file, that cannot be written is not taken for locked', async (t) => {
  const nobody = process.getuid!() === 0 ? 65_534 : process.getuid!()
  const path = await mkdtemp(join(tmpdir(), 'roomtape-'))
  t.after(() => rm(path, { recursive: true, force: true }))
  await chmod(path, 0o555)
  assert.match((await lockElsewhere(t, path, nobody)).answer, /EACCES.*lock\.sqlite/)

  await chmod(path, 0o755)
  await writeFile(join(path, 'lock.sqlite'), '', { mode: 0o444 })
  assert.match((await lockElsewhere(t, path, nobody)).answer, /EACCES.*lock\.sqlite/)
})

test('a file that is no lock is told of by its folder', async (t) => {
  const path = await temporaryFolder(t)
  await writeFile(join(path, 'lock.sqlite'), 'of somebody else, and longer than the header of a database would be. '.repeat(20))

  assert.throws(() => lockFolder(path), { message: new RegExp(`^${path} cannot be locked`) })
})

test('Node\'s warning that SQLite is experimental stays out of the log, others do not', async (t) => {
  const path = await temporaryFolder(t)
  const child = spawn(process.execPath, ['--input-type=module', '-e', `${script}; process.emitWarning('other', 'ExperimentalWarning'); setImmediate(() => process.exit())`, path], { stdio: ['ignore', 'ignore', 'pipe'] })

  const warnings = await text(child.stderr)
  assert.match(warnings, /ExperimentalWarning: other/)
  assert.doesNotMatch(warnings, /SQLite/)
})
