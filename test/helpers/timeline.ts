import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Timeline } from '../../src/timeline/schema.ts'

/** The published schema. */
const schema = JSON.parse(readFileSync(new URL('../../docs/timeline.schema.json', import.meta.url), 'utf8')) as object
const validate = new Ajv2020({ allErrors: true }).compile<Timeline>(schema)

/** A document that keeps to the published schema. */
export function asTimeline (document: unknown): Timeline {
  assert.ok(validate(document), JSON.stringify(validate.errors))
  return document
}
