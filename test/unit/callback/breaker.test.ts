import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { judgeEndpoint, type AttemptResult, type Judged } from '../../../src/callback/breaker.ts'
import type { EndpointHealth } from '../../../src/state/endpoints.ts'
import { runs } from '../../helpers/fuzz.ts'

const day = 86_400_000
const well: EndpointHealth = { failures: 0, probeDueMs: null, probeStep: 0, failingSinceMs: null, lastSuccessMs: null }

/** What becomes of an endpoint after some results at one moment. */
function after (results: readonly AttemptResult[], { from = well, nowMs = 1_000, isProbe = false } = {}): Judged {
  let judged: Judged = { health: from, isBack: false, isHopeless: false }
  for (const result of results) judged = judgeEndpoint(judged.health, { result, isProbe }, nowMs)
  return judged
}

const failures = (count: number): AttemptResult[] => Array<AttemptResult>(count).fill('unavailable')

test('ten failures in a row open it, and neither nine do, nor ten with a refusal between', () => {
  assert.equal(after(failures(9)).health.probeDueMs, null)
  assert.equal(after(failures(10)).health.probeDueMs, 31_000)
  assert.equal(after([...failures(9), 'refused', ...failures(9)]).health.probeDueMs, null)
  assert.equal(after(Array<AttemptResult>(50).fill('refused')).health.probeDueMs, null)
})

test('probes come after 30 s, then twice as late each time, at most ten minutes; what was under way when it opened says nothing new', () => {
  let { health } = after([...failures(10), ...failures(7)])
  const waitsMs = [health.probeDueMs! - 1_000]
  for (let probe = 0; probe < 7; probe++) {
    const nowMs = health.probeDueMs!
    ;({ health } = after(['unavailable'], { from: health, nowMs, isProbe: true }))
    waitsMs.push(health.probeDueMs! - nowMs)
  }

  assert.deepEqual(waitsMs, [30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000, 600_000])
})

test('the first success after the breaker, or after two failures in a row, brings back what waits; after one it does not', () => {
  const open = after(failures(10)).health

  assert.deepEqual([1, 2, 9].map((count) => after([...failures(count), 'delivered']).isBack), [false, true, true])
  assert.deepEqual(after(['delivered'], { from: open, nowMs: 40_000, isProbe: true }), {
    health: { failures: 0, probeDueMs: null, probeStep: 0, failingSinceMs: null, lastSuccessMs: 40_000 }, isBack: true, isHopeless: false
  })
  assert.equal(after(['delivered', 'delivered'], { from: open }).isBack, false, 'once')
})

test('a refusal closes it; what waits is brought back by the success that follows, though failures stand between', () => {
  const open = after(failures(10)).health

  const closed = after(['refused'], { from: open, isProbe: true })
  assert.deepEqual([closed.health.probeDueMs, closed.health.failures, closed.isBack], [null, 0, false])
  assert.equal(after(['delivered'], { from: closed.health }).isBack, true)
  assert.equal(after(['unavailable', 'refused', 'delivered'], { from: closed.health }).isBack, true)
  assert.equal(after(['delivered', 'unavailable', 'delivered'], { from: closed.health }).isBack, false, 'once')
  assert.equal(after(failures(10), { from: closed.health }).health.probeDueMs, 31_000, 'and it opens as the first time')
})

test('five days without a success are hopeless, whatever failed; a success begins them anew', () => {
  const first = after(['refused']).health
  const late = after(['delivered'], { from: first, nowMs: 4 * day }).health

  assert.equal(after(['unavailable'], { from: first, nowMs: 1_000 + 5 * day - 1 }).isHopeless, false)
  assert.equal(after(['refused'], { from: first, nowMs: 1_000 + 5 * day }).isHopeless, true)
  assert.equal(after(['unavailable', 'unavailable'], { from: late, nowMs: 8 * day }).isHopeless, false)
})

test('whatever the results, it is open only after ten failures since the last answer that was none, and a success leaves it well', () => {
  const result = fc.constantFrom<AttemptResult>('delivered', 'unavailable', 'unavailable', 'unavailable', 'refused')
  fc.assert(fc.property(fc.array(result, { maxLength: 80 }), fc.array(fc.nat(3_600_000), { minLength: 80, maxLength: 80 }), (results, waits) => {
    let [health, nowMs, inRow] = [well, 0, 0]
    for (const [index, result] of results.entries()) {
      nowMs += waits[index]!
      ;({ health } = judgeEndpoint(health, { result, isProbe: health.probeDueMs !== null }, nowMs))
      inRow = result === 'unavailable' ? inRow + 1 : 0
      assert.equal(health.probeDueMs !== null, inRow >= 10)
      assert.equal(health.failures, inRow)
      if (result === 'delivered') assert.deepEqual(health, { ...well, lastSuccessMs: nowMs })
    }
  }), runs(500))
})

/** What each of these results, a second apart, says. */
function inTurn (...results: AttemptResult[]): Array<{ isOpen: boolean, isBack: boolean }> {
  let health = well
  return results.map((result, i) => {
    const judged = judgeEndpoint(health, { result, isProbe: health.probeDueMs !== null }, i * 1_000)
    health = judged.health
    return { isOpen: health.probeDueMs !== null, isBack: judged.isBack }
  })
}

const outage = Array<AttemptResult>(10).fill('unavailable')

test('the first success after an outage says that the endpoint is back, also when it refused something before', () => {
  assert.deepEqual(inTurn(...outage, 'delivered').at(-1), { isOpen: false, isBack: true })
  assert.deepEqual(inTurn(...outage, 'refused', 'refused', 'delivered').slice(-3), [
    { isOpen: false, isBack: false }, { isOpen: false, isBack: false }, { isOpen: false, isBack: true }
  ])
  assert.deepEqual(inTurn('unavailable', 'unavailable', 'refused', 'delivered').at(-1), { isOpen: false, isBack: true })
})

test('refusals alone, or one failure, are no outage', () => {
  assert.deepEqual(inTurn('refused', 'refused', 'delivered').at(-1), { isOpen: false, isBack: false })
  assert.deepEqual(inTurn('unavailable', 'refused', 'delivered').at(-1), { isOpen: false, isBack: false })
  assert.ok(inTurn(...Array.from({ length: 40 }, (_, i): AttemptResult => i % 2 === 0 ? 'unavailable' : 'refused')).every(({ isOpen }) => !isOpen))
})
