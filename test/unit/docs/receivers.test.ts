import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Value } from 'typebox/value'
import { SettingsSchema } from '../../../config/schema.ts'
import { StartRequest } from '../../../src/routes/start-request.ts'

const root = join(import.meta.dirname, '../../..')
const page = readFileSync(join(root, 'docs/receivers.md'), 'utf8')

test('docs/receivers.md names settings and variables of the examples that are read', () => {
  const examples = globSync('examples/*/*.ts', { cwd: root }).map((file) => readFileSync(join(root, file), 'utf8')).join('\n')
  const ours = [...examples.matchAll(/(?:env\.|required\(')([A-Z_]+)|\b([A-Z][A-Z_]+)(?= = ')/g)].map(([, read = '', destructured = '']) => read === '' ? destructured : read)
  const named = [...page.matchAll(/`([A-Z]+(?:_[A-Z]+)*)(?:=[^`]*)?`|(?<=\s)([A-Z_]+)=/g)].map(([, inText = '', inCommand = '']) => inText === '' ? inCommand : inText)

  assert.ok(named.length > 10)
  assert.deepEqual(named.filter((name) => !ours.includes(name) && !(name in SettingsSchema.properties) && name !== 'KEY' && name !== 'GATEWAY'), [])
})

test('the bodies of calls in docs/receivers.md are JSON, and what starts a recording is taken', () => {
  const calls = [...page.matchAll(/curl -sS \$GATEWAY(\/\S+) [^']*-d '([^']+)'/g)].map(([, path = '', body = '']) => ({ path, body: JSON.parse(body) as unknown }))

  assert.deepEqual(new Set(calls.map(({ path }) => path)), new Set(['/v1/endpoints', '/v1/recordings']))
  for (const { path, body } of calls) if (path === '/v1/recordings') assert.deepEqual([...Value.Errors(StartRequest, body)], [])
})
