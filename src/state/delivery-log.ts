import { sql, type Selectable } from 'kysely'
import type { Connection } from './database.ts'
import type { DeliveryRow, DeliveryState } from './deliveries.ts'
import type { Tables } from './tables.ts'

/** A delivery, and what its event is. */
export type ToldDelivery = DeliveryRow & { type: string, recordingId: string | null }

export interface DeliveryFilter {
  tenantId: string
  limit: number
  /** Only those with a smaller id. */
  before?: string | undefined
  endpointId?: string | undefined
  state?: DeliveryState | undefined
  type?: string | undefined
  recordingId?: string | undefined
  sinceMs?: number | undefined
  /** Not itself. */
  untilMs?: number | undefined
}

/** A tenant's deliveries, newest first. */
export async function listDeliveries (db: Connection, filter: DeliveryFilter): Promise<ToldDelivery[]> {
  const { before, endpointId, state, type, recordingId, sinceMs, untilMs } = filter
  let query = told(db).where('deliveries.tenantId', '=', filter.tenantId)
  if (before !== undefined) query = query.where('deliveries.id', '<', before)
  if (endpointId !== undefined) query = query.where('deliveries.endpointId', '=', endpointId)
  // Not as a parameter: an index of some states is only used where the statement names them
  if (state !== undefined) query = query.where('deliveries.state', '=', sql.lit(state))
  if (type !== undefined) query = query.where('events.type', '=', type)
  if (recordingId !== undefined) query = query.where('events.recordingId', '=', recordingId)
  if (sinceMs !== undefined) query = query.where('deliveries.createdMs', '>=', sinceMs)
  if (untilMs !== undefined) query = query.where('deliveries.createdMs', '<', untilMs)
  return query.orderBy('deliveries.id', 'desc').limit(filter.limit).execute()
}

export async function findDelivery (db: Connection, { tenantId, id }: { tenantId: string, id: string }): Promise<ToldDelivery | undefined> {
  return told(db).where('deliveries.id', '=', id).where('deliveries.tenantId', '=', tenantId).executeTakeFirst()
}

function told (db: Connection) {
  return db.selectFrom('deliveries').innerJoin('events', 'events.id', 'deliveries.eventId')
    .selectAll('deliveries').select(['events.type', 'events.recordingId']).$narrowType<Pick<ToldDelivery, 'state'>>()
}

export type AttemptRow = Selectable<Tables['attempts']>

/** Every attempt at a delivery, the first one first. */
export async function attemptsOf (db: Connection, deliveryId: string): Promise<AttemptRow[]> {
  return db.selectFrom('attempts').selectAll().where('deliveryId', '=', deliveryId).orderBy('number').execute()
}
