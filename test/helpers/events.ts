import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { CallbackEvent } from '../../src/callback/events.ts'

/** The published schema. */
const schema = JSON.parse(readFileSync(new URL('../../docs/events.schema.json', import.meta.url), 'utf8')) as object
const validate = new Ajv2020({ allErrors: true, discriminator: true }).compile<CallbackEvent>(schema)

/** An event that keeps to the published schema. */
export function asEvent (body: unknown): CallbackEvent {
  assert.ok(validate(body), JSON.stringify(validate.errors))
  return body
}
