import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wants, type EventFacts } from '../../../src/callback/filter.ts'
import type { EndpointFilters } from '../../../src/state/endpoint-options.ts'

const segment: EventFacts = { type: 'segment.uploaded', sdkAppId: 1, room: '4711', speaker: { userId: 'kid_7', label: 'strict' } }
const ended: EventFacts = { type: 'recording.completed', sdkAppId: 1, room: '4711' }
const disabled: EventFacts = { type: 'endpoint.disabled' }

const chosen = (types: string[], filters: EndpointFilters = {}): string[] =>
  [segment, ended, disabled].filter((facts) => wants({ types, filters }, facts)).map(({ type }) => type)

test('types are names, or beginnings of them that end in *', () => {
  assert.deepEqual(chosen(['*']), ['segment.uploaded', 'recording.completed', 'endpoint.disabled'])
  assert.deepEqual(chosen(['segment.*', 'recording.completed']), ['segment.uploaded', 'recording.completed'])
  assert.deepEqual(chosen(['segment', 'SEGMENT.*', 'recording.complete', '']), [])
  assert.deepEqual(chosen([]), [])
})

test('users and labels are of who is heard: what speaks of no single speaker passes', () => {
  assert.deepEqual(chosen(['*'], { userIds: ['teacher', 'kid_*'] }), ['segment.uploaded', 'recording.completed', 'endpoint.disabled'])
  for (const filters of [{ userIds: ['kid'] }, { labels: ['soft'] }, { userIds: ['kid_*'], labels: ['soft'] }, { userIds: [] }]) {
    assert.deepEqual(chosen(['*'], filters), ['recording.completed', 'endpoint.disabled'], JSON.stringify(filters))
  }
})

test('a user without a label has the label \'\', which is none of those asked for unless all are', () => {
  const unlabelled = { ...segment, speaker: { userId: 'kid_7', label: '' } }

  assert.equal(wants({ types: ['*'], filters: { labels: ['strict'] } }, unlabelled), false)
  assert.equal(wants({ types: ['*'], filters: { labels: ['*'] } }, unlabelled), true)
})

test('rooms and apps keep out what is of others, and nothing that is of none', () => {
  assert.deepEqual(chosen(['*'], { rooms: ['47*'], sdkAppIds: [1] }), ['segment.uploaded', 'recording.completed', 'endpoint.disabled'])
  assert.deepEqual(chosen(['*'], { rooms: ['471'] }), ['endpoint.disabled'])
  assert.deepEqual(chosen(['*'], { sdkAppIds: [2] }), ['endpoint.disabled'])
})
