import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import type { DemoReport } from '../../src/sandbox/demo/record.ts'
import { temporaryFolder } from '../helpers/world.ts'

const demo = join(import.meta.dirname, '../../src/sandbox/demo.ts')

interface Demo {
  child: ChildProcess & { stdout: NodeJS.ReadableStream, stderr: NodeJS.ReadableStream }
  /** What is left of its temporary files. */
  leftovers: () => Promise<string[]>
}

/** The demo in a process of its own, with a folder of its own for temporary files. */
async function startDemo (t: TestContext, folder: string, args: string[] = []): Promise<Demo> {
  const temporary = join(folder, 'tmp')
  await mkdir(temporary)
  const env = { PATH: process.env.PATH, TMPDIR: temporary }
  const child = spawn(process.execPath, [demo, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => { child.kill('SIGKILL') })
  return { child, leftovers: () => readdir(temporary) }
}

async function endOf ({ child }: Demo): Promise<{ code: number, stdout: string, stderr: string }> {
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit') as Promise<[number]>])
  return { code, stdout, stderr }
}

test('the demo leaves a checked file of each speaker, says so in one JSON object, and leaves nothing else', async (t) => {
  const folder = await temporaryFolder(t)
  const run = await startDemo(t, folder, ['--json', '--factor', '0.5'])
  const { code, stdout, stderr } = await endOf(run)

  assert.equal(code, 0, stderr)
  const report = JSON.parse(stdout) as DemoReport
  assert.equal(report.Reason, 'RoomDismissed')
  assert.deepEqual({ ...report.Callback, Id: '' }, { Id: '', Type: 'recording.completed', SignatureVerified: true })
  assert.deepEqual(report.Files.map(({ UserId, GapMs }) => ({ UserId, away: GapMs > 500 })), [
    { UserId: 'alice', away: true }, { UserId: 'bob', away: true }, { UserId: 'carol', away: false }
  ])
  for (const { File, Bytes, Sha256 } of report.Files) {
    const content = await readFile(join(folder, File))
    assert.equal(content.length, Bytes)
    assert.equal(createHash('sha256').update(content).digest('hex'), Sha256)
  }
  assert.match(stderr, /bob comes back and talks/)
  assert.ok(!stderr.includes('\u001b'), 'no colours where there is no terminal')
  assert.deepEqual(await run.leftovers(), [])
})

test('a demo that is interrupted says so and cleans up', async (t) => {
  const run = await startDemo(t, await temporaryFolder(t))
  const ended = endOf(run)
  createInterface({ input: run.child.stdout }).on('line', (line) => { if (line.includes("alice's audio is live")) run.child.kill('SIGINT') })
  const { code, stderr } = await ended

  assert.equal(code, 130)
  assert.equal(stderr, 'demo: interrupted\n')
  assert.deepEqual(await run.leftovers(), [])
})

test('a demo that fails says at which step, in one line', async (t) => {
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'demo-recordings'), 'in the way')
  const { code, stderr } = await endOf(await startDemo(t, folder))

  assert.equal(code, 1)
  assert.match(stderr, /^demo failed: making \.\/demo-recordings: EEXIST[^\n]*\n$/)
})
