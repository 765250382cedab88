import { randomUUID } from 'node:crypto'
import { after, test, type TestContext } from 'node:test'
import { openDatabase, type Database } from '../../src/state/database.ts'
import { putEmptyDatabase } from './embedded-database.ts'
import { startPostgres, type PostgresServer } from './postgres.ts'
import { closeAfter } from './scope.ts'
import { temporaryFolder } from './world.ts'

let server: Promise<PostgresServer> | undefined
after(async () => { await (await server)?.stop() })

/** Opens an empty database of one kind, closed after the test. */
export type OpenDatabase = (t: TestContext) => Promise<Database>

const kinds: Record<'PGlite' | 'PostgreSQL', OpenDatabase> = {
  PGlite: async (t) => opened(t, {}),
  PostgreSQL: async (t) => {
    server ??= startPostgres()
    return opened(t, { url: await (await server).createDatabase(`t${randomUUID().replaceAll('-', '')}`) })
  }
}

/** The same test on both databases. */
export function onBothDatabases (name: string, run: (t: TestContext, open: OpenDatabase) => Promise<void>): void {
  for (const [kind, open] of Object.entries(kinds)) test(`${name} (${kind})`, (t) => run(t, open))
}

async function opened (t: TestContext, { url }: { url?: string }): Promise<Database> {
  const dataDir = await temporaryFolder(t)
  if (url === undefined) await putEmptyDatabase(dataDir)
  const database = await openDatabase({ dataDir, url, onError: (error) => { throw error } })
  closeAfter(t, () => database.close())
  return database
}
