import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SpanLog } from '../../../src/core/span-log.ts'

test('each reader gets what has ended since a moment, once', () => {
  const log = new SpanLog()
  log.add(1, 2)
  const early = log.reader(2)
  log.add(3, 4)
  const late = log.reader(5)
  const all = log.reader(0)
  log.begin(5)

  assert.deepEqual([early(), late()], [[{ fromMs: 3, toMs: 4 }], []])
  log.end(7)
  assert.deepEqual([early(), late()], [[{ fromMs: 5, toMs: 7 }], [{ fromMs: 5, toMs: 7 }]])
  assert.deepEqual([early(), late()], [[], []])
  assert.deepEqual(all().map(({ fromMs }) => fromMs), [1, 3, 5])
})

test('one that goes on may have begun earlier than was known, and ends once', () => {
  const log = new SpanLog()
  const ended = log.reader(0)
  log.begin(5)
  log.begin(4)
  log.begin(6)
  assert.equal(log.sinceMs, 4)
  log.end(9)
  log.end(10)
  log.begin(11)
  log.end(11)

  assert.deepEqual([ended(), log.sinceMs], [[{ fromMs: 4, toMs: 9 }], undefined])
})

test('who does not read for very long misses the oldest, and reads on', () => {
  const log = new SpanLog()
  const ended = log.reader(0)
  for (let n = 0; n < 1_500; n++) log.add(n, n + 1)

  assert.deepEqual(ended().map(({ fromMs }) => fromMs), Array.from({ length: 1_000 }, (_, n) => n + 500))
  log.add(1, 2)
  assert.deepEqual(ended(), [{ fromMs: 1, toMs: 2 }])
})
