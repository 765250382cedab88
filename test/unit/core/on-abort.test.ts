import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { onAbort } from '../../../src/core/on-abort.ts'

test('whatever waits on a signal is told once, by one listener, unless it was taken back', () => {
  const abort = new AbortController()
  const told: string[] = []
  onAbort(abort.signal, () => { told.push('a') })
  const takeBack = onAbort(abort.signal, () => { told.push('b') })
  onAbort(abort.signal, () => { told.push('c') })
  const listeners = getEventListeners(abort.signal, 'abort').length
  takeBack()

  abort.abort()

  assert.equal(listeners, 1)
  assert.deepEqual(told, ['a', 'c'])
})
