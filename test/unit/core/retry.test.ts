import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { retry } from '../../../src/core/retry.ts'

const never = new AbortController().signal
const quick = { attempts: 4, firstDelayMs: 1, maxDelayMs: 1 }

test('what fails at first and then succeeds, succeeds', async () => {
  const seen: number[] = []

  const result = await retry(async (attemptNumber) => {
    seen.push(attemptNumber)
    if (attemptNumber < 3) throw new Error('not yet')
    return 'done'
  }, { schedule: quick, signal: never, retryable: () => true })

  assert.equal(result, 'done')
  assert.deepEqual(seen, [1, 2, 3])
})

test('the last failure is thrown when the tries are used up', async () => {
  let tries = 0

  const result = retry(async () => { throw new Error(`failure ${++tries}`) }, { schedule: quick, signal: never, retryable: () => true })

  await assert.rejects(result, /failure 4/)
})

test('what cannot heal is tried once', async () => {
  let tries = 0

  const result = retry(async () => { throw new Error(`failure ${++tries}`) }, { schedule: quick, signal: never, retryable: () => false })

  await assert.rejects(result, /failure 1/)
})

for (const [random, pausesMs] of [[0, [50, 100, 150, 150]], [0.5, [75, 150, 225, 225]]] as const) {
  test(`the pauses double up to the largest, with a chance of ${random}`, async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    let tries = 0
    const result = retry(async () => { throw new Error(`failure ${++tries}`) }, {
      schedule: { attempts: 5, firstDelayMs: 100, maxDelayMs: 300 }, signal: never, retryable: () => true, random: () => random
    })
    const outcome = assert.rejects(result, /failure 5/)

    for (const [index, pauseMs] of pausesMs.entries()) {
      await setImmediate()
      t.mock.timers.tick(pauseMs - 1)
      await setImmediate()
      assert.equal(tries, index + 1)
      t.mock.timers.tick(1)
    }

    await outcome
  })
}

test('an abort ends the pause at once, with its reason', async () => {
  const aborter = new AbortController()

  const result = retry(async () => {
    process.nextTick(() => { aborter.abort(new Error('the process is going')) })
    throw new Error('down')
  }, { schedule: { attempts: 2, firstDelayMs: 3_600_000, maxDelayMs: 3_600_000 }, signal: aborter.signal, retryable: () => true })

  await assert.rejects(result, /the process is going/)
})

test('nothing is tried under a signal that is aborted already', async () => {
  let tries = 0

  const result = retry(async () => { tries++ }, { schedule: quick, signal: AbortSignal.abort(new Error('too late')), retryable: () => true })

  await assert.rejects(result, /too late/)
  assert.equal(tries, 0)
})
