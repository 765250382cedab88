import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { exampleEnv } from '../../../config/example-env.ts'

test('config/example.env is what the schema makes; run `node config/example-env.ts > config/example.env`', () => {
  assert.equal(readFileSync(new URL('../../../config/example.env', import.meta.url), 'utf8'), exampleEnv())
})
