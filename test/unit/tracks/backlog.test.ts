import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Backlog } from '../../../src/tracks/backlog.ts'

const looks = (backlog: Backlog, queue: { waiting: number, lostMs?: number }[]): unknown[] =>
  queue.map(({ waiting, lostMs = 0 }, index) => backlog.look(index * 250, { waiting, lostMs }))

test('a queue that stays long is told of once, and once when it is short again', () => {
  const waiting = [0, 1, 3, 3, 4, 4, 4, 5, 3, 2, 1, 0]

  assert.deepEqual(looks(new Backlog(), waiting.map((waiting) => ({ waiting }))),
    [undefined, undefined, undefined, undefined, undefined, undefined, 'behind', undefined, undefined, undefined, 'caughtUp', undefined])
})

test('a burst that the disk takes within a second is none of it', () => {
  assert.deepEqual(new Set(looks(new Backlog(), [64, 40, 20, 0, 64, 20, 0].map((waiting) => ({ waiting })))), new Set([undefined]))
})

test('what is lost is told of at once, and it has not caught up while more is lost', () => {
  const queue = [{ waiting: 4, lostMs: 21 }, { waiting: 0, lostMs: 42 }, { waiting: 0, lostMs: 42 }]

  assert.deepEqual(looks(new Backlog(), queue), ['behind', undefined, 'caughtUp'])
})
