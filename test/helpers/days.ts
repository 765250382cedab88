import { sql } from 'kysely'
import type { Sender } from '../../src/callback/sender.ts'
import type { Connection } from '../../src/state/database.ts'
import { databaseNowMs } from '../../src/state/database-time.ts'
import { endpointsWithDue } from '../../src/state/endpoints.ts'
import { eventually } from './world.ts'

/** Lets days pass for callbacks, whose times are rows by the database's clock: moves the rows back. What is due on the way is sent. */
export class Days {
  readonly #db: Connection
  readonly #sender: Sender
  passedMs = 0

  constructor (db: Connection, sender: Sender) {
    this.#db = db
    this.#sender = sender
  }

  /** From one attempt that is due to the next; once these are less than `stepMs` apart, by so much at a time. */
  async passTo (untilMs: number, stepMs: number): Promise<void> {
    await this.sent()
    while (this.passedMs < untilMs) {
      await this.#move(Math.min(untilMs - this.passedMs, Math.max(stepMs, await this.#nextMs() ?? Infinity)))
      await this.sent()
    }
  }

  /** To the next attempt that is due. */
  async passToNext (): Promise<void> {
    await this.#move(await this.#nextMs() ?? 0)
  }

  /** Resolves when all that is due has been sent, and noted. */
  async sent (): Promise<void> {
    await eventually(async () => {
      const due = await endpointsWithDue(this.#db)
      if (due.length > 0) this.#sender.wake(due)
      const claimed = await this.#db.selectFrom('deliveries').select('id').where('claimedBy', 'is not', null).limit(1).execute()
      return due.length + claimed.length === 0 || undefined
    })
  }

  async #move (ms: number): Promise<void> {
    const by = Math.ceil(ms)
    await this.#db.transaction().execute(async (transaction) => {
      await sql`update deliveries set next_attempt_ms = next_attempt_ms - ${by}::bigint, settled_ms = settled_ms - ${by}::bigint where claimed_by is null`.execute(transaction)
      await sql`update endpoints set probe_due_ms = probe_due_ms - ${by}::bigint, failing_since_ms = failing_since_ms - ${by}::bigint,
        last_success_ms = last_success_ms - ${by}::bigint`.execute(transaction)
    })
    this.passedMs += by
  }

  async #nextMs (): Promise<number | undefined> {
    const { rows } = await sql<{ waitMs: number | null }>`select min(coalesce(e.probe_due_ms, d.next_attempt_ms)) - ${databaseNowMs} as wait_ms
      from deliveries d join endpoints e on e.id = d.endpoint_id where d.next_attempt_ms is not null`.execute(this.#db)
    const waitMs = rows[0]?.waitMs
    return waitMs == null ? undefined : Math.max(0, waitMs)
  }
}
