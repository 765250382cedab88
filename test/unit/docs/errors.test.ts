import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { errorTable } from '../../../src/core/errors.ts'

const root = join(import.meta.dirname, '../../..')

test('docs/errors.md has every error with its code, status and fault, and no other', () => {
  const page = readFileSync(join(root, 'docs/errors.md'), 'utf8')

  const rows = [...page.matchAll(/^\| `([A-Z_]+)` \| `([A-Za-z.]+)` \| (\d{3}) \| (caller|peer|self) \| \S.* \|$/gm)]
  const written = rows.map(([, name, code, status, fault]) => [name, { code, status: Number(status), fault }])

  assert.deepEqual(Object.fromEntries(written), errorTable)
  assert.equal(written.length, Object.keys(errorTable).length, 'each stands there once')
})

test('every error of the table is thrown somewhere', () => {
  const files = globSync(['src/**/*.ts', 'plugins/*.ts', 'config/*.ts'], { cwd: root }).filter((file) => file !== join('src/core/errors.ts'))
  const code = files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n')

  const unused = Object.keys(errorTable).filter((name) => !code.includes(`'${name}'`))

  assert.deepEqual(unused, [])
})
