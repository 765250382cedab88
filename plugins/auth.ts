import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { createApiKey, matchesHash, parseApiKey, type Scope } from '../src/core/api-key.ts'
import type { Clock } from '../src/core/clock.ts'
import { RoomtapeError } from '../src/core/errors.ts'
import { inNetworks, parseNetworks } from '../src/core/networks.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The tenant whose API key came with the request; set where `auth` is registered. */
    roomtapeTenant: Tenant
  }
  interface FastifyContextConfig {
    /** What a key must be allowed to do for this route; every route below `auth` names one. */
    roomtapeScope?: Scope
  }
}

interface Tenant {
  id: string
  keyId: string
  scopes: readonly Scope[]
}

/** An API key as it is kept. */
export interface StoredKey {
  tenantId: string
  /** SHA-256 in hex, by `hashApiKey`. */
  hash: string
  scopes: readonly Scope[]
  /** Where the key may be used from, in CIDR notation; anywhere when empty. */
  networks: readonly string[]
  /** Unix milliseconds. */
  expiresAtMs?: number | undefined
  revokedAtMs?: number | undefined
}

export interface AuthOptions {
  lookup: (keyId: string) => Promise<StoredKey | undefined>
  clock: Clock
}

/**
 * An API key, as `Authorization: Bearer` or `x-api-key`, becomes `request.roomtapeTenant`. Unknown, expired, revoked and mistyped keys get
 * the same 401; unknown ones cost the same work as wrong ones. A route without a scope fails at start, not open.
 */
export default fp<AuthOptions>(async (app, { lookup, clock }) => {
  // an unknown key is compared with this one
  const nobody: StoredKey = { tenantId: '', hash: createApiKey().hash, scopes: [], networks: [], revokedAtMs: 0 }

  app.decorateRequest('roomtapeTenant')
  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.roomtapeScope === undefined) throw new Error(`route ${String(method)} ${url} is below auth and names no scope`)
  })

  app.addHook('onRequest', async (request, reply) => {
    const key = givenKey(request)
    const parsed = parseApiKey(key)
    const stored = parsed === undefined ? undefined : await lookup(parsed.keyId)
    const { tenantId, hash, scopes, networks, expiresAtMs = Infinity, revokedAtMs } = stored ?? nobody
    const genuine = matchesHash(key, hash)
    if (!genuine || parsed === undefined || revokedAtMs !== undefined || expiresAtMs <= clock.now()) {
      await request.roomtapeLoginFailed?.(reply, parsed?.keyId)
      reply.header('www-authenticate', key === '' ? 'Bearer realm="roomtape"' : 'Bearer realm="roomtape", error="invalid_token"')
      throw new RoomtapeError('KEY_INVALID', 'a valid API key is needed: Authorization: Bearer rt_live_…')
    }
    if (networks.length > 0 && !inNetworks(parseNetworks(networks), request.ip)) {
      throw new RoomtapeError('ADDRESS_DENIED', `key ${parsed.keyId} may not be used from this address`)
    }
    const { roomtapeScope: scope } = request.routeOptions.config
    if (scope === undefined || !scopes.includes(scope)) {
      throw new RoomtapeError('SCOPE_MISSING', `key ${parsed.keyId} lacks the scope ${scope ?? 'of this route'}`)
    }
    request.roomtapeTenant = { id: tenantId, keyId: parsed.keyId, scopes }
  })
}, { name: 'roomtape-auth', fastify: '5.x' })

/** '' when there is none, or two that differ. */
function givenKey ({ headers }: FastifyRequest): string {
  const bearer = bearerToken(headers.authorization)
  const other = headers['x-api-key']
  if (other === undefined) return bearer
  if (typeof other !== 'string' || (headers.authorization !== undefined && other !== bearer)) return ''
  return other
}

/** The token of an `Authorization: Bearer` header, '' for any other. */
export function bearerToken (authorization = ''): string {
  return /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? ''
}
