import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { RoomtapeError } from '../core/errors.ts'
import type { Seal } from '../core/seal.ts'
import { endpointSecretsContext } from './seal-contexts.ts'

/** The signing secrets of an endpoint, newest first. All but the first end: `untilMs`, Unix milliseconds. */
export const EndpointSecrets = Type.Array(Type.Object({ secret: Type.String(), untilMs: Type.Optional(Type.Number()) }))
export type EndpointSecrets = Static<typeof EndpointSecrets>

export function sealEndpointSecrets (seal: Seal, endpointId: string, secrets: EndpointSecrets): string {
  return seal.seal(JSON.stringify(secrets), endpointSecretsContext(endpointId))
}

/** Those that are still valid. @throws RoomtapeError SEAL_BROKEN */
export function openEndpointSecrets (seal: Seal, endpointId: string, sealed: string, nowMs: number): EndpointSecrets {
  const secrets = Value.Parse(EndpointSecrets, JSON.parse(seal.open(sealed, endpointSecretsContext(endpointId))))
  return secrets.filter(({ untilMs }, index) => index === 0 || (untilMs ?? 0) > nowMs)
}

/** How many may be valid at once: an attempt has a signature by each. */
const mostSecrets = 3

/**
 * A new secret takes the place of the newest; older ones end after `expireOldMs`, or when they would have.
 * @throws RoomtapeError CONFLICT when too many would be valid
 */
export function rotateSecrets (secrets: EndpointSecrets, secret: string, { expireOldMs, nowMs }: { expireOldMs: number, nowMs: number }): EndpointSecrets {
  const lastMs = nowMs + expireOldMs
  const old = secrets.map((each) => ({ secret: each.secret, untilMs: Math.min(each.untilMs ?? lastMs, lastMs) })).filter(({ untilMs }) => untilMs > nowMs)
  if (old.length < mostSecrets) return [{ secret }, ...old]
  const oldestEnds = new Date(Math.min(...secrets.map(({ untilMs = Infinity }) => untilMs))).toISOString()
  throw new RoomtapeError('CONFLICT', `${mostSecrets} secrets of this endpoint are valid; the oldest ends at ${oldestEnds}`)
}
