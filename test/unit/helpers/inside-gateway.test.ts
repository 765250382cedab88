import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'

const module = join(import.meta.dirname, '../../helpers/inside-gateway.ts')
/** Tells what time it is, in the main thread and in one that begins later, when it is asked. */
const program = `
  const { Worker } = require('node:worker_threads')
  const times = '[Date.now(), +new Date(), Date.parse(Date())]'
  const thread = 'import { parentPort } from "node:worker_threads"; parentPort.postMessage(' + times + ')'
  process.stdin.on('data', () => {
    new Worker(new URL('data:text/javascript,' + encodeURIComponent(thread)))
      .on('message', (inThread) => process.send([...eval(times), ...inThread]))
  })
  process.send('ready')
`

test('the clock of a process and of its threads is off by what it is told, from its beginning on', async (t) => {
  const child = spawn(process.execPath, ['--import', module, '-e', program], {
    env: { PATH: process.env.PATH, CLOCK_OFFSET_MS: '100000' }, stdio: ['pipe', 'inherit', 'inherit', 'ipc']
  })
  t.after(() => child.kill('SIGKILL'))
  await once(child, 'message')
  const offs = async (): Promise<number[]> => {
    child.stdin?.write('what time is it?')
    const [times] = await once(child, 'message') as [number[]]
    return times.map((ms) => ms - Date.now())
  }

  const [before, order] = [await offs(), { clockOffsetMs: -50_000 }]
  child.send(order)
  assert.deepEqual((await once(child, 'message'))[0], order)
  const after = await offs()

  for (const [times, offsetMs] of [[before, 100_000], [after, -50_000]] as const) {
    assert.equal(times.length, 6)
    assert.ok(times.every((offMs) => Math.abs(offMs - offsetMs) < 5_000), JSON.stringify(times))
  }
})
