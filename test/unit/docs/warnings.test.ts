import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gapCauses } from '../../../src/timeline/schema.ts'
import { warningCodes } from '../../../src/timeline/warnings.ts'

const read = (page: string): string => readFileSync(new URL(`../../../docs/${page}`, import.meta.url), 'utf8')

test('docs/warnings.md has every code with what it means and what to do, and no other, in the order in which they are told', () => {
  const [, table = ''] = read('warnings.md').split('| --- | --- |\n')
  const rows = [...table.matchAll(/^\| `([A-Z]\w+)` \| (\S.*) \| (\S.*) \|$/gm)]

  assert.deepEqual(rows.map(([, code]) => code), warningCodes)
})

test('docs/timeline.md has the causes of gaps that the schema speaks of', () => {
  const table = read('timeline.md').split('| `Cause` |')[1]?.split('\n\n')[0] ?? ''
  const rows = [...table.matchAll(/^\| `(\w+)` \| \S/gm)].map(([, cause]) => cause)

  assert.deepEqual(rows.sort(), [...gapCauses.matchAll(/`(\w+)`/g)].map(([, cause]) => cause).sort())
})
