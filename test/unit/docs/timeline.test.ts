import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { timelineSchemaJson } from '../../../docs/make-timeline-schema.ts'
import { asTimeline } from '../../helpers/timeline.ts'

const docs = new URL('../../../docs/', import.meta.url)

test('docs/timeline.schema.json is what the code says; run `node docs/make-timeline-schema.ts`', () => {
  assert.equal(readFileSync(new URL('timeline.schema.json', docs), 'utf8'), timelineSchemaJson())
})

test('the example of docs/timeline.md keeps to the schema', () => {
  const [, example = ''] = /```json\n(.*?)```/s.exec(readFileSync(new URL('timeline.md', docs), 'utf8')) ?? []

  asTimeline(JSON.parse(example))
})
