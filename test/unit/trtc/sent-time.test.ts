import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isFresh } from '../../../src/trtc/sent-time.ts'

const nowMs = 1_767_225_601_250
const fresh = (body: unknown): boolean => isFresh(body, nowMs, 1_000)

test('a callback is fresh by either name of its time, as number or text, to both sides of now', () => {
  for (const name of ['CallbackTs', 'CallbackMsTs']) {
    for (const sent of [nowMs, String(nowMs), nowMs - 1_000, nowMs + 1_000, nowMs + 1_000.9]) assert.equal(fresh({ [name]: sent }), true, `${name} ${sent}`)
    for (const sent of [nowMs - 1_001, nowMs + 1_001, nowMs / 1_000, null, 'now', '', {}, Infinity]) assert.equal(fresh({ [name]: sent }), false, `${name} ${JSON.stringify(sent)}`)
  }
})

test('of two times the one in milliseconds counts, unless it cannot be read', () => {
  assert.equal(fresh({ CallbackTs: Math.floor(nowMs / 1_000), CallbackMsTs: nowMs }), true)
  assert.equal(fresh({ CallbackTs: nowMs, CallbackMsTs: nowMs - 60_000 }), false)
  for (const odd of [null, 'soon', -1, {}]) assert.equal(fresh({ CallbackTs: nowMs, CallbackMsTs: odd }), true, JSON.stringify(odd))
})

test('what is no object is never fresh', () => {
  for (const body of [null, undefined, [], [nowMs], nowMs, String(nowMs)]) assert.equal(fresh(body), false)
})
