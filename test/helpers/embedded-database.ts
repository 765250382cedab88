import { randomUUID } from 'node:crypto'
import { cpSync } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'

const { version } = createRequire(import.meta.url)('../../node_modules/@electric-sql/pglite/package.json') as { version: string }
const template = join(import.meta.dirname, '../../node_modules/.cache/roomtape', `pglite-${version}`)

/**
 * Puts an empty database where the embedded one will look for it, unless one is there. Making one costs 4 to 5 s of CPU, copying one 0.04 s:
 * it is made once and kept. The demo's tests do without, so that the first start is tested as well.
 */
export async function putEmptyDatabase (dataDir: string): Promise<void> {
  const directory = join(dataDir, 'pglite')
  if (await isThere(directory)) return
  if (!await isThere(template)) await makeTemplate()
  cpSync(template, directory, { recursive: true }) // a thousand small files: a tenth of the time that `cp` takes
}

/** Makes the template, which appears under its name only when it is whole. Of two processes that make it at once, one keeps its own. */
async function makeTemplate (): Promise<void> {
  const draft = `${template}.${randomUUID()}`
  await mkdir(dirname(draft), { recursive: true })
  const database = await PGlite.create(draft)
  await database.close()
  try {
    await rename(draft, template)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    if (!await isThere(template)) throw error
  }
}

async function isThere (path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}
