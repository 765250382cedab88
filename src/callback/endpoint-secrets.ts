import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
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
