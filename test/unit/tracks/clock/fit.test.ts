import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FileFit } from '../../../../src/tracks/clock/fit.ts'

const frameMs = 1024 / 48

test('a frame follows when it is no more than a frame away from the end of the file, either way', () => {
  const fits = [0, frameMs, -frameMs].map((aheadMs) => new FileFit(frameMs).of(aheadMs, 0, false, true))

  assert.deepEqual(fits, ['follows', 'follows', 'follows'])
})

test('further ahead is a hole, further behind too early, but the first frame of a file is always taken', () => {
  const fit = (aheadMs: number, isFirst = false): string => new FileFit(frameMs).of(aheadMs, 0, isFirst, true)

  assert.deepEqual([fit(2 * frameMs), fit(-2 * frameMs), fit(-2 * frameMs, true)], ['hole', 'early', 'follows'])
})
