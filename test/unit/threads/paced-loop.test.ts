import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { PacedLoop } from '../../../src/threads/paced-loop.ts'

/** Longer than a test may take: whatever ends before was not the nap's own end. */
const foreverMs = 600_000

function newBell (): Int32Array { return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) }

function ring (bell: Int32Array): void {
  Atomics.add(bell, 0, 1)
  Atomics.notify(bell, 0)
}

test('a nap ends when another thread rings, and its time is told', async (t) => {
  const bell = newBell()
  const naps = [foreverMs]
  const loop = new PacedLoop({ bell, napMs: () => naps.shift() ?? 0 })
  // It rings when its message has been waited for so long that the other side is surely asleep, or finds the bell already rung
  const ringer = new Worker(`
    const { workerData, parentPort } = require('node:worker_threads')
    parentPort.once('message', () => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
      Atomics.add(workerData, 0, 1)
      Atomics.notify(workerData, 0)
    })
    parentPort.postMessage('ready')
  `, { eval: true, workerData: bell })
  t.after(() => ringer.terminate())
  await once(ringer, 'message')

  ringer.postMessage('ring')
  loop.resume()
  await turn()

  assert.deepEqual(naps, [])
  assert.ok(loop.nappedMs > 0 && loop.nappedMs < foreverMs, `${loop.nappedMs} ms`)
})

test('who rings while the thread is awake is not slept over', async () => {
  const bell = newBell()
  const naps = [foreverMs]
  const loop = new PacedLoop({ bell, napMs: () => naps.shift() ?? 0 })

  ring(bell)
  loop.resume()
  await turn()

  assert.deepEqual(naps, [])
})

test('between naps the event loop goes round, and with nothing to nap for it waits until it is resumed', async () => {
  let asked = 0
  const loop = new PacedLoop({ bell: newBell(), napMs: () => (++asked % 4 === 0 ? 0 : 1) })
  const seen: number[] = []

  loop.resume()
  for (let i = 0; i < 4; i++) {
    await turn()
    seen.push(asked)
  }
  await turn()
  await turn()
  const restingAt = asked
  loop.resume()
  loop.resume()
  await turn()

  assert.deepEqual(seen, [1, 2, 3, 4], 'one nap a turn')
  assert.equal(restingAt, 4)
  assert.equal(asked, 5)
  loop.stop()
  await turn()
  assert.equal(asked, 5)
})
