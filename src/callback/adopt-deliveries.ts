import type { Seal } from '../core/seal.ts'
import type { Connection } from '../state/database.ts'
import { deliveriesOfNobody, giveEndpoint } from '../state/deliveries.ts'
import { callbackUrlHash, makeHiddenEndpoint } from './hidden-endpoint.ts'
import { deliveryUrlContext } from './seal-contexts.ts'

/** Gives the deliveries of versions that knew no endpoints theirs: their URLs are sealed, so that no migration can. Safe to break off and to repeat. */
export async function adoptDeliveries (kysely: Connection, seal: Seal): Promise<void> {
  for (let batch = await deliveriesOfNobody(kysely); batch.length > 0; batch = await deliveriesOfNobody(kysely)) {
    const named = batch.map(({ id, tenantId, sealedUrl, createdMs }) =>
      ({ id, tenantId, callbackUrl: seal.open(sealedUrl, deliveryUrlContext(id)), nowMs: createdMs }))
    const byUrl = Map.groupBy(named, ({ tenantId, callbackUrl }) => callbackUrlHash(seal, tenantId, callbackUrl))
    await kysely.transaction().execute(async (transaction) => {
      for (const [first, ...others] of byUrl.values()) {
        if (first === undefined) continue
        await giveEndpoint(transaction, [first, ...others].map(({ id }) => id), await makeHiddenEndpoint(transaction, seal, first))
      }
    })
  }
}
