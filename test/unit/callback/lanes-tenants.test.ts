import assert from 'node:assert/strict'
import { test } from 'node:test'
import { laneLimits, Lanes } from '../../../src/callback/lanes.ts'

test('a tenant whose every endpoint hangs leaves room for others, however many it has', () => {
  const lanes = new Lanes()
  for (let i = 0; i < 1_000; i++) lanes.wake(`ep_${i}`, 'ten_hangs', 0)
  const taken = lanes.grant().reduce((sum, { count }) => sum + count, 0)

  for (let i = 0; i < 10; i++) lanes.wake(`ep_well_${i}`, `ten_${i}`, 0)
  const granted = lanes.grant().map(({ endpointId }) => endpointId)

  assert.deepEqual(granted, Array.from({ length: 10 }, (_, i) => `ep_well_${i}`))
  assert.ok(taken >= laneLimits.perProcess * 3 / 4 && lanes.inFlight <= laneLimits.perProcess, `${taken}`)
})
