import type { Transaction } from 'kysely'
import type { PgBoss } from 'pg-boss'
import { newId } from '../core/ids.ts'
import type { Seal } from '../core/seal.ts'
import { inTransaction } from '../state/database.ts'
import { insertDelivery, insertEvent } from '../state/events.ts'
import { queues, type CallbackJob } from '../state/queues.ts'
import type { Tables } from '../state/tables.ts'
import type { CallbackEvent } from './events.ts'

/** @param url who is to get it; undefined: nobody asked to be told */
interface Published { tenantId: string, event: CallbackEvent, url?: string | undefined }

/**
 * Notes an event, and its delivery if somebody is to get it, in the transaction of the state change that caused it (transactional outbox): all
 * happen, or none. The end of a recording is kept though nobody is told of it; a segment that nobody is told of has its row, and needs no event.
 */
export type Publish = (transaction: Transaction<Tables>, published: Published) => Promise<void>

export function createPublish ({ boss, seal }: { boss: PgBoss, seal: Seal }): Publish {
  return async (transaction, { tenantId, event, url }) => {
    if (url === undefined && event.Type === 'segment.uploaded') return
    const createdMs = event.TimestampMs
    await insertEvent(transaction, { id: event.Id, tenantId, recordingId: event.RecordingId, type: event.Type, body: JSON.stringify(event), createdMs })
    if (url === undefined) return
    const deliveryId = newId('dlv')
    await insertDelivery(transaction, { id: deliveryId, eventId: event.Id, sealedUrl: seal.seal(url, urlContext(deliveryId)), createdMs })
    await boss.send(queues.callback, { deliveryId } satisfies CallbackJob, { db: inTransaction(transaction) })
  }
}

/** Seal context of a delivery's URL. */
export function urlContext (deliveryId: string): string { return `delivery:${deliveryId}` }
