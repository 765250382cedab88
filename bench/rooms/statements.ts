import pg from 'pg'
import { startPostgres } from '../../test/helpers/postgres.ts'
import { parentOf, treeCpuSeconds } from './cpu.ts'

export interface StatementCount { statement: string, calls: number, totalMs: number }

/** A PostgreSQL that counts what it is asked. */
export interface CountedPostgres extends AsyncDisposable {
  /** Makes an empty database. @returns its address */
  create (name: string): Promise<string>
  /** Statements that a database was asked until now, and the server's CPU time. */
  look (name: string): Promise<{ statements: number, cpuSeconds: number }>
  /** The statements it was asked most often. */
  most (name: string): Promise<StatementCount[]>
}

/** As production has it: what is committed has reached the disk. */
const flags = ['-c', 'fsync=on', '-c', 'shared_preload_libraries=pg_stat_statements', '-c', 'pg_stat_statements.track_utility=on']
const ofDatabase = 'from pg_stat_statements where dbid = (select oid from pg_database where datname = $1)'
const mostCount = 20

export async function startCountedPostgres (): Promise<CountedPostgres> {
  const server = await startPostgres({ flags })
  const client = new pg.Client({ connectionString: await server.createDatabase('bench') })
  await client.connect()
  await client.query('create extension pg_stat_statements')
  const { rows: [own] } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  if (own === undefined) throw new Error('PostgreSQL does not tell its process')
  const serverPid = await parentOf(own.pid)
  return {
    create: (name) => server.createDatabase(name),
    async look (name) {
      const { rows: [counted] } = await client.query<{ statements: number }>(`select coalesce(sum(calls), 0)::float8 as statements ${ofDatabase}`, [name])
      return { statements: counted?.statements ?? 0, cpuSeconds: await treeCpuSeconds(serverPid) }
    },
    async most (name) {
      const { rows } = await client.query<StatementCount>(`
        select left(query, 300) as statement, calls::float8, total_exec_time as "totalMs" ${ofDatabase} order by calls desc limit ${mostCount}`, [name])
      return rows
    },
    async [Symbol.asyncDispose] () {
      await client.end()
      await server.stop()
    }
  }
}
