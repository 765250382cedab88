import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openEndpointSecrets, sealEndpointSecrets } from '../../../src/callback/endpoint-secrets.ts'
import { createSeal } from '../../../src/core/seal.ts'

const seal = createSeal(Buffer.alloc(32, 1))
const secrets = [{ secret: 'whsec_new' }, { secret: 'whsec_old', untilMs: 2_000 }, { secret: 'whsec_older', untilMs: 1_000 }]
const sealed = sealEndpointSecrets(seal, 'ep_1', secrets)
const openAt = (nowMs: number): string[] => openEndpointSecrets(seal, 'ep_1', sealed, nowMs).map(({ secret }) => secret)

test('old secrets end at their time, to the millisecond; the newest never does', () => {
  assert.deepEqual(openAt(999), ['whsec_new', 'whsec_old', 'whsec_older'])
  assert.deepEqual(openAt(1_000), ['whsec_new', 'whsec_old'])
  assert.deepEqual(openAt(2_000), ['whsec_new'])
  assert.deepEqual(openAt(Number.MAX_SAFE_INTEGER), ['whsec_new'])
})

test('they open for their endpoint and under their key alone', () => {
  assert.throws(() => openEndpointSecrets(seal, 'ep_2', sealed, 0), { error: 'SEAL_BROKEN' })
  assert.throws(() => openEndpointSecrets(createSeal(Buffer.alloc(32, 2)), 'ep_1', sealed, 0), { error: 'SEAL_BROKEN' })
  assert.ok(!sealed.includes('whsec'))
})
