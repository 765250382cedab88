import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Stats } from '../../../src/threads/stats.ts'
import { figures } from '../../../src/tracks/figures.ts'
import { DiskWatch } from '../../../src/tracks/disk-watch.ts'

test('a thread\'s disk is told of once for each state, with counts, whatever its thousand tracks do', () => {
  const watch = new DiskWatch()
  const stats = new Stats(figures)
  const seconds = [
    { tracks: 1000, tracksBehind: 0, lostMs: 0 },
    { tracksBehind: 900, fragmentsWaiting: 4500 },
    { tracksBehind: 1000, fragmentsWaiting: 9000 },
    { tracksBehind: 1000, lostMs: 20_000 },
    { tracksBehind: 1000, lostMs: 50_000 },
    { tracksBehind: 700, fragmentsWaiting: 700 },
    { tracksBehind: 0, fragmentsWaiting: 3 },
    { tracksBehind: 0 },
    { tracksBehind: 1, fragmentsWaiting: 4 }
  ]

  const told = seconds.map((figures) => {
    stats.write(figures)
    return watch.look(stats.read())
  })

  assert.deepEqual(told.filter((report) => report !== undefined), [
    { state: 'behind', tracks: 1000, tracksBehind: 900, fragmentsWaiting: 4500, lostMs: 0 },
    { state: 'losing audio', tracks: 1000, tracksBehind: 1000, fragmentsWaiting: 9000, lostMs: 20_000 },
    { state: 'keeping up', tracks: 1000, tracksBehind: 0, fragmentsWaiting: 3, lostMs: 50_000 },
    { state: 'behind', tracks: 1000, tracksBehind: 1, fragmentsWaiting: 4, lostMs: 0 }
  ])
})
