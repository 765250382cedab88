import type { Seal } from '../core/seal.ts'
import type { ClaimedDelivery } from '../state/deliveries.ts'
import type { AttemptRequest } from './attempt.ts'
import { openEndpointSecrets } from './endpoint-secrets.ts'
import { deliveryUrlContext, endpointHeadersContext, endpointUrlContext, tenantSecretContext } from './seal-contexts.ts'
import { templateBody } from './template.ts'

/**
 * The request that a delivery is: its event as it was written, to where its endpoint is now.
 * @throws RoomtapeError SEAL_BROKEN
 */
export function requestOf (delivery: ClaimedDelivery, seal: Seal, nowMs: number): AttemptRequest {
  const { id, endpointId, tenantId, endpoint: { sealedUrl, sealedHeaders, sealedSecrets } } = delivery
  return {
    url: delivery.sealedUrl === null ? seal.open(sealedUrl ?? '', endpointUrlContext(endpointId)) : seal.open(delivery.sealedUrl, deliveryUrlContext(id)),
    id: delivery.eventId,
    body: Buffer.from(delivery.format === 'template' ? templateBody(delivery.body) : delivery.body),
    secrets: sealedSecrets === null
      ? [seal.open(delivery.sealedCallbackSecret, tenantSecretContext(tenantId))]
      : openEndpointSecrets(seal, endpointId, sealedSecrets, nowMs).map(({ secret }) => secret),
    headers: sealedHeaders === null ? undefined : JSON.parse(seal.open(sealedHeaders, endpointHeadersContext(endpointId))) as Record<string, string>,
    attempt: delivery.attempts + 1
  }
}
