import type { Logger } from 'pino'
import type { Seal } from '../core/seal.ts'
import type { Connection } from '../state/database.ts'
import { buryDeliveries, deliveriesOfNobody, giveEndpoints, type DeliveryOfNobody } from '../state/deliveries.ts'
import { callbackUrlHash, makeHiddenEndpoint } from './hidden-endpoint.ts'
import { deliveryUrlContext } from './seal-contexts.ts'

/** Gives the deliveries of versions that knew no endpoints theirs: their URLs are sealed, so that no migration can. Safe to break off and to repeat. */
export async function adoptDeliveries ({ kysely, seal, log }: { kysely: Connection, seal: Seal, log: Logger }): Promise<void> {
  const endpointIds = new Map<string, string>()
  for (let batch = await deliveriesOfNobody(kysely, ''); batch.length > 0; batch = await deliveriesOfNobody(kysely, batch.at(-1)?.id ?? '')) {
    const given: { id: string, endpointId: string }[] = []
    const unreadable: string[] = []
    for (const delivery of batch) {
      const callbackUrl = open(delivery)
      if (callbackUrl === undefined) unreadable.push(delivery.id)
      else given.push({ id: delivery.id, endpointId: await endpointOf(delivery, callbackUrl) })
    }
    await giveEndpoints(kysely, given)
    if (unreadable.length > 0) await buryDeliveries(kysely, unreadable, 'failed')
  }

  function open ({ id, sealedUrl }: DeliveryOfNobody): string | undefined {
    try {
      return seal.open(sealedUrl, deliveryUrlContext(id))
    } catch (err) {
      // One row that somebody spoiled must not keep the gateway from starting.
      log.error({ err, deliveryId: id }, 'callback cannot be sent any more')
      return undefined
    }
  }

  async function endpointOf ({ tenantId, createdMs }: DeliveryOfNobody, callbackUrl: string): Promise<string> {
    const hash = callbackUrlHash(seal, tenantId, callbackUrl)
    const id = endpointIds.get(hash) ?? await makeHiddenEndpoint(kysely, seal, { tenantId, callbackUrl, nowMs: createdMs })
    endpointIds.set(hash, id)
    return id
  }
}
