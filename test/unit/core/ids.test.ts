import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newId } from '../../../src/core/ids.ts'

test('ids sort in the order they were made, also within one millisecond', () => {
  const ids = Array.from({ length: 5_000 }, () => newId('evt'))

  assert.deepEqual(ids.toSorted(), ids)
  assert.equal(new Set(ids).size, ids.length)
})

test('an id is its prefix, an underscore and a ULID, without a full stop', () => {
  assert.match(newId('rec'), /^rec_[0-9A-HJKMNP-TV-Z]{26}$/)
})
