import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { apiPage, loadApiDocument, openApiJson } from '../../../docs/make-api.ts'
import { putEmptyDatabase } from '../../helpers/embedded-database.ts'
import { temporaryFolder } from '../../helpers/world.ts'

const docs = new URL('../../../docs/', import.meta.url)

test('docs/openapi.json and docs/api.md are what the routes say; run `node docs/make-api.ts`', async (t) => {
  const folder = await temporaryFolder(t)
  await putEmptyDatabase(folder)
  const document = await loadApiDocument(folder)

  assert.equal(readFileSync(new URL('openapi.json', docs), 'utf8'), openApiJson(document))
  assert.equal(readFileSync(new URL('api.md', docs), 'utf8'), apiPage(document))
})
