import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { timelineSchemaJson } from '../../../docs/make-timeline-schema.ts'
import { whoIsHeard } from '../../../examples/timeline.ts'
import type { Timeline } from '../../../src/timeline/schema.ts'
import { asTimeline } from '../../helpers/timeline.ts'

const docs = new URL('../../../docs/', import.meta.url)
const [, json = ''] = /```json\n(.*?)```/s.exec(readFileSync(new URL('timeline.md', docs), 'utf8')) ?? []
const example = JSON.parse(json) as Timeline

test('docs/timeline.schema.json is what the code says; run `node docs/make-timeline-schema.ts`', () => {
  assert.equal(readFileSync(new URL('timeline.schema.json', docs), 'utf8'), timelineSchemaJson())
})

test('the example of docs/timeline.md keeps to the schema', () => {
  asTimeline(example)
})

test('the example script tells of a moment who is heard where, or why not', () => {
  const { CreatedMs, StartMs, Users } = example
  const { Files } = Users[0]!.Tracks[0]!
  const [{ Key, StartMs: fileMs, Gaps: [gap] }] = Files as [(typeof Files)[0]]

  assert.deepEqual(whoIsHeard(example, fileMs + 1_500), [`anchor_001: ${Key} at 1.500 s`])
  assert.deepEqual(whoIsHeard(example, gap!.StartMs + 10), ['anchor_001: left'])
  assert.deepEqual(whoIsHeard(example, CreatedMs), ['anchor_001: not in the room'])
  assert.deepEqual(whoIsHeard(example, StartMs!), ['anchor_001: not recorded'])
})
