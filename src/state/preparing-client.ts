import pg from 'pg'

/** How many statements have a name. What lists its parameters one by one has a text for each length: beyond this they are sent as they are. */
const maxNames = 500
/** By text: the name under which connections prepare it. */
const names = new Map<string, string>()
let namesGiven = 0
/** Whether statements are prepared: not through a pooler that hands out another connection each time and knows nothing of names. */
let isPreparing = true

/** PostgreSQL's codes: no such prepared statement, and one of the name that is another's. */
const foreignNames = new Set(['26000', '42P05'])
/** A table has another shape than it had when the statement was prepared: somebody has migrated it. */
const cachedPlanIsStale = '0A000'

/**
 * A connection to PostgreSQL that prepares each statement the first time it makes it (prepared statements): planning them anew each time took more
 * of both processes than running them.
 */
export class PreparingClient extends pg.Client {
  // pg declares a dozen ways to call it; the one that is ours is a text with values
  override query (...args: unknown[]): never {
    const [text, values, ...rest] = args
    const query = super.query.bind(this) as (...args: unknown[]) => unknown
    if (typeof text !== 'string' || !Array.isArray(values) || values.length === 0 || rest.length > 0) return query(...args) as never
    const send = (): Promise<unknown> => {
      const name = nameOf(text)
      return query(name === undefined ? { text, values } : { name, text, values }) as Promise<unknown>
    }
    return send().catch(async (error: unknown) => {
      // Whoever had this connection next would wait behind what was not answered.
      if (error instanceof Error && error.message === 'Query read timeout') this.connection.stream.destroy()
      if (!isOfNames(error, text)) throw error
      // Within a transaction this fails, too: then what failed first is told.
      return send().catch(() => { throw error })
    }) as never
  }
}

function nameOf (text: string): string | undefined {
  if (!isPreparing) return undefined
  const known = names.get(text)
  if (known !== undefined || names.size >= maxNames) return known
  const name = `roomtape_${++namesGiven}`
  names.set(text, name)
  return name
}

/** Whether a statement failed for its name alone, and will not again: it gets another one, or none any more. */
function isOfNames (error: unknown, text: string): boolean {
  const { code } = error as { code?: unknown }
  if (code === cachedPlanIsStale) return names.delete(text)
  if (typeof code !== 'string' || !foreignNames.has(code)) return false
  isPreparing = false
  return true
}
