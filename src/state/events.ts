import type { Insertable } from 'kysely'
import type { Connection } from './database.ts'
import type { DeliveryState } from './deliveries.ts'
import type { ToldDelivery } from './delivery-log.ts'
import type { Tables } from './tables.ts'

export async function insertEvents (db: Connection, events: ReadonlyArray<Insertable<Tables['events']>>): Promise<void> {
  if (events.length > 0) await db.insertInto('events').values(events).execute()
}

/** Deletes some events of before a moment, with what is kept of their deliveries, unless somebody still waits for them. @returns how many */
export async function deleteEventsBefore (db: Connection, beforeMs: number, most: number): Promise<number> {
  const old = db.selectFrom('events').select('id').where('createdMs', '<', beforeMs)
    .where((eb) => eb.not(eb.exists(eb.selectFrom('deliveries').select('deliveries.id').whereRef('deliveries.eventId', '=', 'events.id')
      .where((eb) => eb.or([
        eb.and([eb('state', '=', 'waiting' satisfies DeliveryState), eb('pull', '=', false)]),
        eb.and([eb('state', '=', 'held' satisfies DeliveryState), eb(eb.fn.coalesce('settledMs', 'deliveries.createdMs'), '>=', beforeMs)])
      ])))))
    .orderBy('createdMs').limit(most)
  const { numDeletedRows } = await db.deleteFrom('events').where('id', 'in', old).executeTakeFirst()
  return Number(numDeletedRows)
}

/** Most deliveries of a recording that are shown: there is one for each segment. */
const maxDeliveries = 100

/** The newest deliveries of a recording, oldest first: that of its end, and those of segments that are not delivered. */
export async function deliveriesOf (db: Connection, recordingId: string): Promise<ToldDelivery[]> {
  const newestFirst = await db.selectFrom('deliveries').innerJoin('events', 'events.id', 'deliveries.eventId')
    .selectAll('deliveries').select(['events.type', 'events.recordingId'])
    .where('events.recordingId', '=', recordingId)
    .where((eb) => eb.or([eb('events.type', '!=', 'segment.uploaded'), eb('deliveries.state', '!=', 'delivered' satisfies DeliveryState)]))
    .orderBy('deliveries.id', 'desc').limit(maxDeliveries).$narrowType<Pick<ToldDelivery, 'state'>>().execute()
  return newestFirst.reverse()
}
