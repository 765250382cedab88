import type { Selectable } from 'kysely'
import { Type, type Static } from 'typebox'
import type { Tables } from '../../state/tables.ts'
import { orNull } from '../fields.ts'

export const DeliveryView = Type.Object({
  Type: Type.String(),
  State: Type.String(),
  Attempts: Type.Integer(),
  LastStatus: orNull(Type.Integer()),
  LastError: orNull(Type.String()),
  NextAttemptMs: orNull(Type.Integer())
})
export type DeliveryView = Static<typeof DeliveryView>

/** @param delivery `type` is that of the event delivered */
export function deliveryView (delivery: Selectable<Tables['deliveries']> & { type: string }): DeliveryView {
  return {
    Type: delivery.type,
    State: delivery.state,
    Attempts: delivery.attempts,
    LastStatus: delivery.lastStatus,
    LastError: delivery.lastError,
    NextAttemptMs: delivery.nextAttemptMs
  }
}
