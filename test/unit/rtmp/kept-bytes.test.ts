import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KeptBytes } from '../../../src/rtmp/protocol/kept-bytes.ts'

test('a connection always has its own share, and more as long as the pool has it', () => {
  const kept = new KeptBytes({ ownBytes: 100, sharedBytes: 1000 })

  assert.equal(kept.resize(0, 1100), true)
  assert.equal(kept.resize(0, 101), false)
  assert.equal(kept.resize(0, 100), true)
  assert.equal(kept.total, 1200)
})

test('what is given back can be had by others', () => {
  const kept = new KeptBytes({ ownBytes: 100, sharedBytes: 1000 })
  kept.resize(0, 1100)

  kept.resize(1100, 600)

  assert.equal(kept.resize(0, 601), false)
  assert.equal(kept.resize(0, 600), true)
  assert.equal(kept.total, 1200)
})
