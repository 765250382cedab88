import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Lanes } from '../../../src/callback/lanes.ts'

test('of what may be sent some is granted at once, and the rest at the next asking, to whoever has had none', () => {
  const lanes = new Lanes()
  for (const id of ['a', 'b', 'c']) lanes.wake(id, 'tenant', 0)

  const granted = [lanes.grant(2), lanes.grant(2), lanes.grant(2)].map((grants) => grants.map(({ endpointId }) => endpointId))

  assert.deepEqual(granted, [['a', 'b'], ['c'], []])
})
