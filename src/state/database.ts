import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { CamelCasePlugin, CompiledQuery, Kysely, PGliteDialect, PostgresDialect, type Transaction } from 'kysely'
import { Migrator } from 'kysely/migration'
import pg from 'pg'
import { fromKysely, fromPglite, PgBoss, type Db as BossDatabase } from 'pg-boss'
import { messageOf } from '../core/errors.ts'
import { migrations } from './migrations/index.ts'
import { PreparingClient } from './preparing-client.ts'
import type { Tables } from './tables.ts'

/** Either the database itself or a transaction on it: what every function of `state/` takes. */
export type Connection = Kysely<Tables>

export interface Database {
  readonly kind: 'embedded' | 'postgres'
  readonly kysely: Connection
  /** A queue engine on this database, not started yet. */
  createBoss (): PgBoss
  close (): Promise<void>
}

export interface DatabaseOptions {
  /** Holds the embedded database when `url` is absent. */
  dataDir: string
  /** PostgreSQL ≥ 15, `postgres://…`. */
  url?: string | undefined
  /** Told of connections that broke while idle; the pool replaces them by itself. */
  onError: (error: unknown) => void
}

const bigintOid = 20
/** After this the server ends a transaction in which nothing happens: a process that stands still would keep its row locks from whoever goes on. */
const idleTransactionMs = 10_000

/** Opens the database and brings its tables up to date; PGlite below `dataDir` or PostgreSQL, same SQL. */
export async function openDatabase (options: DatabaseOptions): Promise<Database> {
  const database = options.url === undefined ? await openEmbedded(options) : openPostgres(options.url, options)
  try {
    await migrate(database.kysely)
  } catch (error) {
    await database.close()
    throw error
  }
  return database
}

/** Connection failures of the socket, and PostgreSQL's classes 08 (connection), 53 (too many) and 57P (shutting down). */
const unreachableCode = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|08...|53...|57P..)$/
/** Messages of `pg` for such failures without a code. */
const unreachableMessage = /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Query read timeout)/

/** Whether what was thrown means that the database is away, so that trying again later may help. */
export function isUnreachable (error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ('code' in error && typeof error.code === 'string' && unreachableCode.test(error.code)) || unreachableMessage.test(error.message)
}

/** PostgreSQL's classes 22 (data exception) and 23 (integrity). */
const refusalCode = /^2[23]...$/

/** Whether the database refused what was to be written for what it is, so that trying again never helps. */
export function isRefusal (error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && refusalCode.test(error.code)
}

/** The same transaction as pg-boss wants it, so that a job is queued exactly when the rows beside it are written. */
export function inTransaction (transaction: Transaction<Tables>): BossDatabase {
  return fromKysely(transaction.withoutPlugins())
}

async function openEmbedded ({ dataDir, onError }: DatabaseOptions): Promise<Database> {
  const directory = join(dataDir, 'pglite')
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const pglite = await PGlite.create(directory)
  return {
    kind: 'embedded',
    kysely: new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }), plugins }),
    createBoss: () => listening(new PgBoss({ ...bossOptions, db: fromPglite(pglite), backend: 'pglite', monitorIntervalSeconds: 30 }), onError),
    close: () => pglite.close()
  }
}

function openPostgres (url: string, { onError }: DatabaseOptions): Database {
  const types = new pg.TypeOverrides()
  types.setTypeParser(bigintOid, Number)
  const pool = new pg.Pool({
    Client: PreparingClient, connectionString: url, types, max: 10, connectionTimeoutMillis: 5_000, query_timeout: 15_000, keepAlive: true
  })
  pool.on('error', onError)
  // A connection that breaks within a transaction, between two statements: the next one fails. With nobody listening the process would end.
  pool.on('connect', (client) => { client.on('error', () => undefined) })
  const dialect = new PostgresDialect({
    pool,
    // Not as a parameter of the connection: PgBouncer refuses those it does not know
    onCreateConnection: async (connection) => { await connection.executeQuery(CompiledQuery.raw(`set idle_in_transaction_session_timeout = ${idleTransactionMs}`)) }
  })
  const kysely = new Kysely<Tables>({ dialect, plugins })
  return {
    kind: 'postgres',
    kysely,
    createBoss: () => listening(new PgBoss({ ...bossOptions, connectionString: url, max: 4, monitorIntervalSeconds: 3 }), onError),
    close: () => kysely.destroy()
  }
}

const plugins = [new CamelCasePlugin({ maintainNestedObjectKeys: true })]

const bossOptions = { useListenNotify: true, superviseIntervalSeconds: 3, registerInstance: false } as const

function listening (boss: PgBoss, onError: (error: unknown) => void): PgBoss {
  boss.on('error', onError)
  return boss
}

async function migrate (kysely: Connection): Promise<void> {
  const migrator = new Migrator({ db: kysely.withoutPlugins(), provider: { getMigrations: async () => migrations } })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw new Error(`the database could not be brought up to date: ${messageOf(error)}`, { cause: error })
}
