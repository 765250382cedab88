import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeEndpoint, type AttemptResult } from '../../../src/callback/breaker.ts'
import type { EndpointHealth } from '../../../src/state/endpoints.ts'

const well: EndpointHealth = { failures: 0, probeDueMs: null, probeStep: 0, failingSinceMs: null, lastSuccessMs: null }

/** What each of these results, a second apart, says. */
function judge (...results: AttemptResult[]): Array<{ isOpen: boolean, isBack: boolean }> {
  let health = well
  return results.map((result, i) => {
    const judged = judgeEndpoint(health, { result, isProbe: health.probeDueMs !== null }, i * 1_000)
    health = judged.health
    return { isOpen: health.probeDueMs !== null, isBack: judged.isBack }
  })
}

const outage = Array<AttemptResult>(10).fill('unavailable')

test('the first success after an outage says that the endpoint is back, also when it refused something before', () => {
  assert.deepEqual(judge(...outage, 'delivered').at(-1), { isOpen: false, isBack: true })
  assert.deepEqual(judge(...outage, 'refused', 'refused', 'delivered').slice(-3), [
    { isOpen: false, isBack: false }, { isOpen: false, isBack: false }, { isOpen: false, isBack: true }
  ])
  assert.deepEqual(judge('unavailable', 'unavailable', 'refused', 'delivered').at(-1), { isOpen: false, isBack: true })
})

test('refusals alone, or one failure, are no outage', () => {
  assert.deepEqual(judge('refused', 'refused', 'delivered').at(-1), { isOpen: false, isBack: false })
  assert.deepEqual(judge('unavailable', 'refused', 'delivered').at(-1), { isOpen: false, isBack: false })
  assert.ok(judge(...Array.from({ length: 40 }, (_, i): AttemptResult => i % 2 === 0 ? 'unavailable' : 'refused')).every(({ isOpen }) => !isOpen))
})
