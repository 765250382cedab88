import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setImmediate as macrotask } from 'node:timers/promises'
import fc from 'fast-check'
import { CallQueue } from '../../../../src/engines/relay/main/call-queue.ts'
import type { CallRank, Turn } from '../../../../src/engines/relay/main/waiting-calls.ts'
import { CallFailure } from '../../../../src/trtc/cloud-api.ts'
import { runs } from '../../../helpers/fuzz.ts'

/** Time that passes only when it is told to. */
class TestTime {
  nowMs = 0
  readonly #timers: Array<{ atMs: number, act: () => void }> = []

  readonly now = (): number => this.nowMs
  readonly setTimer = (act: () => void, ms: number): void => { this.#timers.push({ atMs: this.nowMs + ms, act }) }

  /** Lets time pass, and whatever is due on the way happen. */
  async pass (ms: number): Promise<void> {
    const untilMs = this.nowMs + ms
    await macrotask()
    for (;;) {
      const [next] = this.#timers.sort((a, b) => a.atMs - b.atMs)
      if (next === undefined || next.atMs > untilMs) break
      this.#timers.shift()
      this.nowMs = Math.max(this.nowMs, next.atMs)
      next.act()
      await macrotask()
    }
    this.nowMs = untilMs
  }
}

interface CallOptions {
  recordingId?: string
  rank?: CallRank
  secretId?: string
  signal?: AbortSignal
  /** Answers the call; at once unless given. */
  answer?: () => Promise<void>
}

class Bench {
  readonly time = new TestTime()
  readonly queue = new CallQueue(this.time)
  readonly begun: Array<{ name: string, atMs: number }> = []
  readonly #signal: AbortSignal

  constructor ({ signal }: TestContext) {
    this.#signal = signal
  }

  call (name: string, { recordingId = 'rec', rank = 'silent', secretId = 'id', signal = this.#signal, answer = async () => {} }: CallOptions = {}): Promise<string> {
    return this.queue.run({ action: 'Start', host: 'trtc', secretId }, { recordingId, rank: () => rank }, async () => {
      this.begun.push({ name, atMs: this.time.nowMs })
      await answer()
      return name
    }, { signal })
  }

  /** Makes as many calls as a window takes. */
  async fill (secretId?: string): Promise<void> {
    await Promise.all(Array.from({ length: 20 }, (_, index) => this.call(`${index}`, secretId === undefined ? {} : { secretId })))
    this.begun.length = 0
  }

  names (): string[] {
    return this.begun.map(({ name }) => name)
  }
}

const limited = new CallFailure('limited', 'StartPublishCdnStream was refused with RequestLimitExceeded')

test('calls begin at once up to 20, the others when the window has room, and no window has more', async (t) => {
  const bench = new Bench(t)
  const calls = Array.from({ length: 45 }, (_, index) => bench.call(`${index}`))

  await bench.time.pass(1_099)
  assert.deepEqual([bench.begun.length, bench.queue.figures().waiting], [20, 25])
  await bench.time.pass(1_101)

  assert.deepEqual(await Promise.all(calls), Array.from({ length: 45 }, (_, index) => `${index}`))
  assert.deepEqual([0, 1_100, 2_200].map((at) => bench.begun.filter(({ atMs }) => atMs === at).length), [20, 20, 5])
  assert.deepEqual(bench.queue.figures(), { waiting: 0, refusedTotal: 0, budgets: 1 })
})

test('never more than 20 begin in a second, whenever calls are made, refused or given up', async (t) => {
  const arrival = fc.record({
    pauseMs: fc.integer({ min: 0, max: 400 }),
    calls: fc.integer({ min: 1, max: 30 }),
    refusals: fc.integer({ min: 0, max: 2 }),
    isGivenUp: fc.boolean()
  })
  await fc.assert(fc.asyncProperty(fc.array(arrival, { minLength: 1, maxLength: 12 }), async (arrivals) => {
    const bench = new Bench(t)
    const all: Array<Promise<unknown>> = []
    for (const { pauseMs, calls, refusals, isGivenUp } of arrivals) {
      const abort = new AbortController()
      let left = refusals
      const answer = async (): Promise<void> => { if (left-- > 0) throw limited }
      for (let call = 0; call < calls; call++) {
        all.push(bench.call('', { recordingId: `${call % 3}`, answer, signal: abort.signal }).catch((error: unknown) => { assert.equal(error, abort.signal.reason) }))
      }
      await bench.time.pass(pauseMs)
      if (isGivenUp) abort.abort(new Error('drained'))
    }
    await bench.time.pass(120_000)
    await Promise.all(all)

    for (const { atMs } of bench.begun) {
      const inWindow = bench.begun.filter((each) => each.atMs > atMs - 1_100 && each.atMs <= atMs).length
      assert.ok(inWindow <= 20, `${inWindow} at ${atMs}`)
    }
    assert.equal(bench.queue.figures().waiting, 0)
  }), runs(20))
})

test('who waits is served by rank, and within a rank recording by recording', async (t) => {
  const bench = new Bench(t)
  await bench.fill()
  const calls = [
    bench.call('dismissed', { rank: 'dismissedStop' }),
    ...['a1', 'a2', 'a3', 'b1'].map((name) => bench.call(name, { recordingId: name.charAt(0) })),
    bench.call('speaker', { recordingId: 'b', rank: 'speaker' })
  ]

  await bench.time.pass(1_100)

  await Promise.all(calls)
  assert.deepEqual(bench.names(), ['speaker', 'a1', 'b1', 'a2', 'a3', 'dismissed'])
})

test('a call that is refused for the limit keeps its place, and its caller hears of the answer only', async (t) => {
  const bench = new Bench(t)
  await bench.fill()
  let refusals = 2
  const calls = [
    bench.call('refused', { rank: 'dismissedStop', answer: async () => { if (refusals-- > 0) throw limited } }),
    bench.call('first', { rank: 'dismissedStop' })
  ]
  await bench.time.pass(1_100)
  calls.push(...Array.from({ length: 3 }, (_, index) => bench.call(`later ${index}`, { rank: 'speaker' })))
  await bench.time.pass(1_100)

  assert.deepEqual(await Promise.all(calls), ['refused', 'first', 'later 0', 'later 1', 'later 2'])
  assert.deepEqual(bench.names(), ['refused', 'first', 'refused', 'refused', 'later 0', 'later 1', 'later 2'])
  assert.equal(bench.queue.figures().refusedTotal, 2)
})

test('after a refusal half as many begin, for ten seconds, of that budget only', async (t) => {
  const bench = new Bench(t)
  let refusals = 1
  const calls = Array.from({ length: 200 }, (_, index) => bench.call(`${index}`, { answer: async () => { if (refusals-- > 0) throw limited } }))
  const others = Array.from({ length: 100 }, () => bench.call('other', { secretId: 'other' }))

  await bench.time.pass(30_000)

  await Promise.all([...calls, ...others])
  const countIn = (fromMs: number, untilMs: number): number => bench.begun.filter(({ name, atMs }) => name !== 'other' && atMs >= fromMs && atMs < untilMs).length
  assert.deepEqual([0, 1_100, 2_200, 7_700].map((fromMs) => countIn(fromMs, fromMs + 1_100)), [20, 10, 10, 10])
  assert.equal(countIn(10_000, 11_100), 20)
  assert.deepEqual(bench.begun.filter(({ name }) => name === 'other').map(({ atMs }) => atMs), Array.from({ length: 100 }, (_, index) => Math.floor(index / 20) * 1_100))
})

test('who gives up while waiting gets their own reason and frees the place, also after a refusal', async (t) => {
  const bench = new Bench(t)
  await bench.fill()
  const abort = new AbortController()
  const refused = bench.call('refused', { rank: 'speaker', signal: abort.signal, answer: async () => { throw limited } })
  const waiting = Array.from({ length: 30 }, () => bench.call('waiting', { signal: abort.signal }))
  await bench.time.pass(1_100)
  const outcomes = Promise.allSettled([refused, ...waiting])
  const stays = bench.call('stays')

  abort.abort(new Error('drained'))

  const reasons = (await outcomes).flatMap((outcome) => outcome.status === 'rejected' ? [outcome.reason as unknown] : [])
  assert.ok(reasons.length > 0 && reasons.every((reason) => reason === abort.signal.reason))
  assert.equal(bench.queue.figures().waiting, 1)
  await bench.time.pass(1_100)
  assert.equal(await stays, 'stays')
  await assert.rejects(bench.call('late', { signal: abort.signal }), abort.signal.reason as Error)
})

test('a call that has begun is left to itself, and one that hangs is in nobody\'s way', async (t) => {
  const bench = new Bench(t)
  const abort = new AbortController()
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const hanging = Array.from({ length: 20 }, () => bench.call('hangs', { signal: abort.signal, answer: async () => { await promise } }))
  abort.abort()
  const next = bench.call('next')

  await bench.time.pass(1_100)

  assert.equal(await next, 'next')
  resolve(undefined)
  assert.deepEqual(new Set(await Promise.all(hanging)), new Set(['hangs']))
})

test('what a call throws, at once or later, is its caller\'s', async (t) => {
  const bench = new Bench(t)
  const failure = new CallFailure('unanswered', 'no answer')
  const budget = { action: 'Start', host: 'trtc', secretId: 'id' }

  await assert.rejects(bench.call('', { answer: async () => { throw failure } }), failure)
  await assert.rejects(bench.queue.run(budget, { recordingId: 'rec', rank: () => 'silent' }, () => { throw failure }, t), failure)
  assert.equal(bench.queue.figures().refusedTotal, 0)
})

test('budgets that are not in use are forgotten, with what they refused; those in use are not', async (t) => {
  const bench = new Bench(t)
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const hanging = bench.call('hangs', { secretId: 'hangs', answer: async () => { await promise } })
  let refusals = 1
  const refused = bench.call('refused', { secretId: 'refused', answer: async () => { if (refusals-- > 0) throw limited } })
  await bench.time.pass(1_100)
  for (let account = 0; account < 1_000; account++) {
    await bench.call('', { secretId: `${account}` })
    bench.time.nowMs += 100
  }

  assert.ok(bench.queue.figures().budgets < 20, `${bench.queue.figures().budgets} budgets`)
  assert.equal(bench.queue.figures().refusedTotal, 1)
  resolve(undefined)
  await Promise.all([hanging, refused])
})

test('ten thousand calls that wait cost as much each as few do', async (t) => {
  const bench = new Bench(t)
  let asked = 0
  const turnOf = (index: number): Turn => ({
    recordingId: `${index % 300}`,
    rank: () => {
      asked++
      return index % 7 === 0 ? 'speaker' : 'silent'
    }
  })
  const budget = { action: 'Start', host: 'trtc', secretId: 'id' }
  const calls = Array.from({ length: 10_000 }, (_, index) => bench.queue.run(budget, turnOf(index), async () => index, t))

  await bench.time.pass(600_000)

  assert.equal(new Set(await Promise.all(calls)).size, 10_000)
  assert.ok(asked < 10_000 * 300, `ranks were asked ${asked} times`)
})
