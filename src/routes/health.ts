import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import type { Connection } from '../state/database.ts'

export interface HealthOptions {
  kysely: Connection
  /** Whether the process is on its way out. */
  isDraining: () => boolean
}

const databaseTimeoutMs = 2_000

/** `/livez`: the process is not stuck. `/readyz`: send traffic here. Neither asks who calls, neither tells a secret. */
export async function healthRoutes (app: FastifyInstance, { kysely, isDraining }: HealthOptions): Promise<void> {
  app.get('/livez', { schema: { summary: 'Whether the process is alive', security: [] }, logLevel: 'warn' }, async () => ({ Status: 'ok' }))

  app.get('/readyz', { schema: { summary: 'Whether to send traffic here', security: [] }, logLevel: 'warn' }, async (request, reply) => {
    const checks = { Draining: isDraining() ? 'draining' : 'ok', Database: await databaseState(kysely, (err) => { request.log.warn({ err }, 'database not ready') }) }
    const ready = Object.values(checks).every((state) => state === 'ok')
    reply.code(ready ? 200 : 503)
    return { Status: ready ? 'ok' : 'unavailable', Checks: checks }
  })
}

async function databaseState (kysely: Connection, onError: (error: unknown) => void): Promise<'ok' | 'unreachable'> {
  try {
    const signal = AbortSignal.timeout(databaseTimeoutMs)
    await sql`select 1`.execute(kysely, { signal })
    return 'ok'
  } catch (error) {
    onError(error)
    return 'unreachable'
  }
}
