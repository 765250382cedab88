import type { Seal } from '../core/seal.ts'
import type { Connection } from '../state/database.ts'
import { deliveriesOfNobody, giveEndpoint } from '../state/deliveries.ts'
import { makeHiddenEndpoint } from './hidden-endpoint.ts'
import { deliveryUrlContext } from './seal-contexts.ts'

/** Gives the deliveries of versions that knew no endpoints theirs: their URLs are sealed, so that no migration can. Safe to break off and to repeat. */
export async function adoptDeliveries (kysely: Connection, seal: Seal): Promise<void> {
  for (let batch = await deliveriesOfNobody(kysely); batch.length > 0; batch = await deliveriesOfNobody(kysely)) {
    await kysely.transaction().execute(async (transaction) => {
      for (const { id, tenantId, sealedUrl, createdMs } of batch) {
        const callbackUrl = seal.open(sealedUrl, deliveryUrlContext(id))
        await giveEndpoint(transaction, id, await makeHiddenEndpoint(transaction, seal, { tenantId, callbackUrl, nowMs: createdMs }))
      }
    })
  }
}
