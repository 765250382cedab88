import type { Insertable, Selectable } from 'kysely'
import type { Connection } from './database.ts'
import type { Tables } from './tables.ts'

/** `waiting` is for the next attempt; the others are final. */
type DeliveryState = 'waiting' | 'delivered' | 'dead'

/** A delivery with what has to be sent. */
export type Delivery = Selectable<Tables['deliveries']> & { type: string, body: string, tenantId: string, sealedCallbackSecret: string }

export async function insertEvent (db: Connection, event: Insertable<Tables['events']>): Promise<void> {
  await db.insertInto('events').values(event).execute()
}

export async function insertDelivery (db: Connection, delivery: Pick<Delivery, 'id' | 'eventId' | 'sealedUrl' | 'createdMs'>): Promise<void> {
  await db.insertInto('deliveries').values({ ...delivery, state: 'waiting' satisfies DeliveryState }).execute()
}

/** A delivery that is still to be made; undefined when it is settled or gone. */
export async function findWaitingDelivery (db: Connection, id: string): Promise<Delivery | undefined> {
  return db.selectFrom('deliveries')
    .innerJoin('events', 'events.id', 'deliveries.eventId')
    .innerJoin('tenants', 'tenants.id', 'events.tenantId')
    .selectAll('deliveries').select(['events.type', 'events.body', 'events.tenantId', 'tenants.sealedCallbackSecret'])
    .where('deliveries.id', '=', id).where('deliveries.state', '=', 'waiting' satisfies DeliveryState)
    .executeTakeFirst()
}

export interface AttemptNote {
  state: DeliveryState
  attempts: number
  lastStatus: number | null
  lastError: string | null
  nextAttemptMs: number | null
  settledMs: number | null
}

export async function noteAttempt (db: Connection, deliveryId: string, note: AttemptNote): Promise<void> {
  await db.updateTable('deliveries').set(note).where('id', '=', deliveryId).execute()
}

/** Most deliveries of a recording that are shown: there is one for each segment. */
const maxDeliveries = 100

/** The newest deliveries of a recording, oldest first: that of its end, and those of segments that are not delivered. */
export async function deliveriesOf (db: Connection, recordingId: string): Promise<Array<Selectable<Tables['deliveries']> & { type: string }>> {
  const newestFirst = await db.selectFrom('deliveries').innerJoin('events', 'events.id', 'deliveries.eventId')
    .selectAll('deliveries').select('events.type')
    .where('events.recordingId', '=', recordingId)
    .where((eb) => eb.or([eb('events.type', '!=', 'segment.uploaded'), eb('deliveries.state', '!=', 'delivered' satisfies DeliveryState)]))
    .orderBy('deliveries.id', 'desc').limit(maxDeliveries).execute()
  return newestFirst.reverse()
}
