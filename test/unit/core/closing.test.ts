import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import { Closing } from '../../../src/core/closing.ts'

interface Told { step: string, message: string }

function closing () {
  const told: Told[] = []
  const taken: string[] = []
  const parts = new Closing({ error: ({ step }: { step: string }, message: string) => { told.push({ step, message }) } })
  const add = (name: string, limitMs: number, close: () => unknown = () => undefined): void => {
    parts.add({ name, limitMs, close: () => { taken.push(name); return close() } })
  }
  return { parts, told, taken, add }
}

test('the newest step is taken first, each after the one before it, once', async () => {
  const { parts, told, taken, add } = closing()
  add('database', 1_000)
  add('threads', 1_000, () => sleep(20).then(() => { taken.push('threads closed') }))
  add('http', 1_000)

  assert.deepEqual(parts.steps.map(({ name }) => name), ['http', 'threads', 'database'])
  assert.deepEqual(await parts.run(), [])
  assert.deepEqual(taken, ['http', 'threads', 'threads closed', 'database'])
  assert.deepEqual(await parts.run(), [])
  assert.deepEqual([taken.length, told], [4, []])
})

test('a step that hangs, throws or rejects is told of by its name, and the rest is closed in the time there is', async () => {
  const { parts, told, taken, add } = closing()
  add('database', 100)
  add('queues', 50, () => Promise.reject(new Error('gone')))
  add('sessions', 50, () => { throw new Error('gone') })
  add('threads', 50, () => new Promise(() => undefined))
  add('http', 50, () => new Promise(() => undefined))
  const startedMs = performance.now()

  assert.deepEqual(await parts.run(), ['http', 'threads'])
  const tookMs = performance.now() - startedMs
  assert.ok(tookMs < 300, `${tookMs} ms`)
  assert.deepEqual(taken, ['http', 'threads', 'sessions', 'queues', 'database'])
  assert.deepEqual(told.map(({ step, message }) => `${step}: ${message}`), [
    'http: closing takes too long, going on without it', 'threads: closing takes too long, going on without it', 'sessions: closing failed', 'queues: closing failed'
  ])
})

test('a step may have what those before it left, and none of what is those\' after it', async () => {
  const { parts, told, add } = closing()
  add('database', 50, () => sleep(20))
  add('threads', 50, () => sleep(200))
  add('http', 400)

  assert.deepEqual(await parts.run(), [])
  assert.deepEqual(told, [])
})

test('what was handed over is closed by whom it was handed to', async () => {
  const { parts, taken, add } = closing()
  add('database', 100)
  let moved: Closing | undefined
  {
    await using failing = parts
    moved = failing.move()
  }
  assert.deepEqual(taken, [])
  {
    await using failing = moved
    assert.equal(failing.steps.length, 1)
  }
  assert.deepEqual(taken, ['database'])
})
