import type { Transaction } from 'kysely'
import type { PgBoss } from 'pg-boss'
import { newId } from '../core/ids.ts'
import type { Seal } from '../core/seal.ts'
import { inTransaction } from '../state/database.ts'
import { insertDelivery, insertEvent } from '../state/events.ts'
import { queues, type CallbackJob } from '../state/queues.ts'
import type { Tables } from '../state/tables.ts'
import type { CallbackEvent } from './events.ts'

export interface Outbox {
  /** Notes an event and its delivery in the transaction of the state change that caused it (transactional outbox): all happen, or none. */
  add (transaction: Transaction<Tables>, event: CallbackEvent, to: { tenantId: string, url: string }): Promise<void>
}

export function createOutbox ({ boss, seal }: { boss: PgBoss, seal: Seal }): Outbox {
  return {
    async add (transaction, event, { tenantId, url }) {
      const deliveryId = newId('dlv')
      const createdMs = event.TimestampMs
      await insertEvent(transaction, { id: event.Id, tenantId, recordingId: event.RecordingId, type: event.Type, body: JSON.stringify(event), createdMs })
      await insertDelivery(transaction, { id: deliveryId, eventId: event.Id, sealedUrl: seal.seal(url, urlContext(deliveryId)), createdMs })
      await boss.send(queues.callback, { deliveryId } satisfies CallbackJob, { db: inTransaction(transaction) })
    }
  }
}

/** Seal context of a delivery's URL. */
export function urlContext (deliveryId: string): string { return `delivery:${deliveryId}` }
