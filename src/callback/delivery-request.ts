import type { Seal } from '../core/seal.ts'
import type { ClaimedDelivery } from '../state/deliveries.ts'
import type { EndpointRow } from '../state/endpoints.ts'
import type { AttemptRequest } from './attempt.ts'
import { openEndpointHeaders } from './endpoint-headers.ts'
import { openEndpointSecrets } from './endpoint-secrets.ts'
import { deliveryUrlContext, endpointUrlContext, tenantSecretContext } from './seal-contexts.ts'
import { templateBody } from './template.ts'

/**
 * The request that a delivery is: its event as it was written, to where its endpoint is now.
 * @throws RoomtapeError SEAL_BROKEN
 */
export function requestOf (delivery: ClaimedDelivery, seal: Seal, nowMs: number): AttemptRequest {
  const { id, endpointId, tenantId, sealedCallbackSecret, endpoint } = delivery
  const target = targetOf({ ...endpoint, id: endpointId, tenantId, sealedCallbackSecret }, seal, nowMs)
  return {
    ...target,
    ...delivery.sealedUrl !== null && { url: seal.open(delivery.sealedUrl, deliveryUrlContext(id)) },
    id: delivery.eventId,
    body: Buffer.from(delivery.format === 'template' ? templateBody(delivery.body) : delivery.body),
    attempt: delivery.attempts + 1
  }
}

export type SealedTarget = Pick<EndpointRow, 'id' | 'tenantId' | 'sealedUrl' | 'sealedHeaders' | 'sealedSecrets'> & {
  /** The tenant's. */
  sealedCallbackSecret: string
}

/**
 * Where an endpoint is, its headers, and what is signed with.
 * @throws RoomtapeError SEAL_BROKEN
 */
export function targetOf ({ id, tenantId, sealedUrl, sealedHeaders, sealedSecrets, sealedCallbackSecret }: SealedTarget, seal: Seal, nowMs: number): Pick<AttemptRequest, 'url' | 'secrets' | 'headers'> {
  return {
    url: seal.open(sealedUrl ?? '', endpointUrlContext(id)),
    secrets: sealedSecrets === null
      ? [seal.open(sealedCallbackSecret, tenantSecretContext(tenantId))]
      : openEndpointSecrets(seal, id, sealedSecrets, nowMs).map(({ secret }) => secret),
    headers: openEndpointHeaders(seal, id, sealedHeaders)
  }
}
