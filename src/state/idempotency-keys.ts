import type { Connection } from './database.ts'

export interface IdempotencyScope { tenantId: string, route: string, key: string }

/** An answer of success as it is kept and given again. */
export interface KeptAnswer { status: number, headers: Record<string, string>, body: string }

export type Claim = { outcome: 'claimed' } | { outcome: 'running' } | { outcome: 'mismatch' } | { outcome: 'answered', answer: KeptAnswer }

const firstFailure = 300

/**
 * Claims a key for a request, or tells what became of the request that had it. A claim without an answer expires: its process has died.
 * @param expiry Unix milliseconds before which unanswered claims, and answers, no longer count
 */
export async function claimIdempotencyKey (db: Connection, scope: IdempotencyScope, { fingerprint, nowMs, expiry }: {
  fingerprint: string, nowMs: number, expiry: { unansweredMs: number, answeredMs: number }
}): Promise<Claim> {
  await db.deleteFrom('idempotencyKeys')
    .where('tenantId', '=', scope.tenantId).where('route', '=', scope.route).where('key', '=', scope.key)
    .where((eb) => eb.or([
      eb.and([eb('status', 'is', null), eb('createdMs', '<', expiry.unansweredMs)]),
      eb('createdMs', '<', expiry.answeredMs),
      eb('status', '>=', firstFailure) // version 0.1.0 kept refusals
    ])).execute()
  const inserted = await db.insertInto('idempotencyKeys').values({ ...scope, fingerprint, createdMs: nowMs, status: null, headers: null, body: null })
    .onConflict((conflict) => conflict.doNothing()).returning('key').executeTakeFirst()
  if (inserted !== undefined) return { outcome: 'claimed' }

  const kept = await db.selectFrom('idempotencyKeys').selectAll()
    .where('tenantId', '=', scope.tenantId).where('route', '=', scope.route).where('key', '=', scope.key).executeTakeFirst()
  if (kept === undefined) return { outcome: 'running' } // released in between
  if (kept.fingerprint !== fingerprint) return { outcome: 'mismatch' }
  if (kept.status === null) return { outcome: 'running' }
  return { outcome: 'answered', answer: { status: kept.status, headers: kept.headers ?? {}, body: kept.body ?? '' } }
}

export async function keepAnswer (db: Connection, scope: IdempotencyScope, answer: KeptAnswer): Promise<void> {
  await db.updateTable('idempotencyKeys').set({ status: answer.status, headers: JSON.stringify(answer.headers), body: answer.body })
    .where('tenantId', '=', scope.tenantId).where('route', '=', scope.route).where('key', '=', scope.key).execute()
}

/** Lets the request be made again. */
export async function releaseIdempotencyKey (db: Connection, scope: IdempotencyScope): Promise<void> {
  await db.deleteFrom('idempotencyKeys')
    .where('tenantId', '=', scope.tenantId).where('route', '=', scope.route).where('key', '=', scope.key).execute()
}

export async function deleteIdempotencyKeysBefore (db: Connection, createdBeforeMs: number): Promise<void> {
  await db.deleteFrom('idempotencyKeys').where('createdMs', '<', createdBeforeMs).execute()
}
