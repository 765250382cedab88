import { newId } from '../core/ids.ts'
import type { Seal } from '../core/seal.ts'
import type { Connection } from '../state/database.ts'
import type { GaveUp } from '../state/endpoint-options.ts'
import { putHiddenEndpoint, useHiddenEndpoint } from '../state/endpoints.ts'
import { callbackUrlContext, endpointUrlContext } from './seal-contexts.ts'

/** A tenant's `Callback` URL, and when it was named, Unix milliseconds. */
export interface NamedCallback { tenantId: string, callbackUrl: string, nowMs: number }

/** A `Callback` URL without its query, which may hold a token of each recording: by it the recordings of a tenant share an endpoint. */
function withoutQuery (callbackUrl: string): string {
  const url = new URL(callbackUrl)
  url.search = ''
  return url.href
}

/** Finds the hidden endpoint of a `Callback` URL: URLs are sealed, so it is found by an HMAC. */
export function callbackUrlHash (seal: Seal, tenantId: string, callbackUrl: string): string {
  return seal.digest(withoutQuery(callbackUrl), callbackUrlContext(tenantId))
}

/** Makes the hidden endpoint of a `Callback` URL, unless the tenant has it. @returns its id */
export async function makeHiddenEndpoint (db: Connection, seal: Seal, { tenantId, callbackUrl, nowMs }: NamedCallback): Promise<string> {
  const id = newId('ep')
  return putHiddenEndpoint(db, {
    id,
    tenantId,
    urlHash: callbackUrlHash(seal, tenantId, callbackUrl),
    sealedUrl: seal.seal(withoutQuery(callbackUrl), endpointUrlContext(id)),
    createdMs: nowMs
  })
}

/**
 * A start names a `Callback` URL: its hidden endpoint is made, or kept from being dropped.
 * @returns why what waited for it was last given up; null: it was not, or it has taken something since
 */
export async function nameCallback (db: Connection, seal: Seal, { tenantId, callbackUrl, nowMs }: NamedCallback): Promise<GaveUp | null> {
  const known = await useHiddenEndpoint(db, { tenantId, urlHash: callbackUrlHash(seal, tenantId, callbackUrl), nowMs })
  if (known !== undefined) return known.gaveUp
  await makeHiddenEndpoint(db, seal, { tenantId, callbackUrl, nowMs })
  return null
}
