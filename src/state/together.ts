import type { Compilable, InferResult } from 'kysely'
import { jsonArrayFrom } from 'kysely/helpers/postgres'
import { camelCaseColumns } from './column-names.ts'
import type { Connection } from './database.ts'

/** A query of rows, whatever it is of. */
type Query = Parameters<typeof jsonArrayFrom<object>>[0] & Compilable<object>

/** The rows of each query. */
export type Results<Queries extends Record<string, Query>> = { [Name in keyof Queries]: InferResult<Queries[Name]> }

/**
 * Runs several queries in one round trip to the database, and as of one moment. A look at a recording is made of many small ones, and most of what
 * each costs this process is to send it.
 * @returns the rows of each by its name, in the order that it asks for
 */
export async function together<Queries extends Record<string, Query>> (db: Connection, queries: Queries): Promise<Results<Queries>> {
  const names = Object.keys(queries)
  const row = await db.selectNoFrom(names.map((name, index) => jsonArrayFrom(queries[name] as Query).as(`q${index}`))).executeTakeFirstOrThrow()
  const results = names.map((name, index) => [name, (row as Record<string, unknown[]>)[`q${index}`]?.map((each) => camelCaseColumns(each as object))])
  return Object.fromEntries(results) as Results<Queries>
}
