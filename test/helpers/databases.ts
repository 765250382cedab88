import { sql } from 'kysely'
import { after, test, type TestContext } from 'node:test'
import { openDatabase, type Database } from '../../src/state/database.ts'
import { putEmptyDatabase } from './embedded-database.ts'
import { startPostgres } from './postgres.ts'
import { closeAfter, type Scope } from './scope.ts'
import { temporaryFolder } from './world.ts'

/** Opens an empty database of one kind. It is the test's own until the test ends. */
export type OpenDatabase = (t: TestContext) => Promise<Database>

const closing = new AsyncDisposableStack()
after(() => closing.disposeAsync()) // said here, for the file: said within a test it would mean the test
const scope: Scope = { after: (release) => { closing.defer(release) } }

/** One of each kind for a file, since opening one costs a second; a test leaves it as it found it. */
const kinds = {
  PGlite: once(async () => {
    const dataDir = await temporaryFolder(scope)
    await putEmptyDatabase(dataDir)
    return opened({ dataDir })
  }),
  PostgreSQL: once(async () => {
    const server = await startPostgres()
    closeAfter(scope, () => server.stop())
    return opened({ dataDir: '', url: await server.createDatabase('test') })
  })
}

/** The same test on both databases. */
export function onBothDatabases (name: string, run: (t: TestContext, open: OpenDatabase) => Promise<void>): void {
  for (const [kind, database] of Object.entries(kinds)) {
    test(`${name} (${kind})`, (t) => run(t, async () => {
      const opened = await database()
      closeAfter(t, () => empty(opened))
      return opened
    }))
  }
}

async function opened (where: { dataDir: string, url?: string }): Promise<Database> {
  const database = await openDatabase({ ...where, onError: (error) => { throw error } })
  closeAfter(scope, () => database.close())
  return database
}

async function empty ({ kysely }: Database): Promise<void> {
  await sql`drop schema if exists pgboss cascade`.execute(kysely)
  const { rows } = await sql<{ tables: string }>`
    select string_agg(format('%I', tablename), ', ') as tables from pg_tables where schemaname = 'public' and tablename not like 'kysely%'`.execute(kysely)
  await sql.raw(`truncate ${rows[0]!.tables}`).execute(kysely)
}

function once<T> (make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
