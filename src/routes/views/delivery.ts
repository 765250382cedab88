import { Type, type Static } from 'typebox'
import { deliveryStates } from '../../state/deliveries.ts'
import type { AttemptRow, ToldDelivery } from '../../state/delivery-log.ts'
import { orNull } from '../fields.ts'
import { AttemptView, attemptView } from './attempt.ts'

export const DeliveryView = Type.Object({
  DeliveryId: Type.String(),
  EventId: Type.String({ description: 'The same on every attempt; the header `webhook-id`.' }),
  EndpointId: orNull(Type.String()),
  RecordingId: orNull(Type.String(), 'Null when the event is of none.'),
  Type: Type.String(),
  State: Type.Enum([...deliveryStates], {
    description: '`waiting` for an attempt, or to be fetched; `held`: its endpoint is not enabled; `delivered`; `dead`: given up; `cancelled`: its endpoint was deleted.'
  }),
  Attempts: Type.Integer(),
  LastStatus: orNull(Type.Integer()),
  LastError: orNull(Type.String()),
  NextAttemptMs: orNull(Type.Integer()),
  CreatedMs: Type.Integer(),
  SettledMs: orNull(Type.Integer(), 'Since when it waits no longer.')
})
export type DeliveryView = Static<typeof DeliveryView>

export const DeliveryList = Type.Object({ Deliveries: Type.Array(DeliveryView), NextCursor: orNull(Type.String()) })

export const DeliveryDetail = Type.Object({ ...DeliveryView.properties, AttemptList: Type.Array(AttemptView) })
export type DeliveryDetail = Static<typeof DeliveryDetail>

export function deliveryView (delivery: ToldDelivery): DeliveryView {
  return {
    DeliveryId: delivery.id,
    EventId: delivery.eventId,
    EndpointId: delivery.endpointId,
    RecordingId: delivery.recordingId,
    Type: delivery.type,
    State: delivery.state,
    Attempts: delivery.attempts,
    LastStatus: delivery.lastStatus,
    LastError: delivery.lastError,
    NextAttemptMs: delivery.nextAttemptMs,
    CreatedMs: delivery.createdMs,
    SettledMs: delivery.settledMs
  }
}

export function deliveryDetail (delivery: ToldDelivery, attempts: readonly AttemptRow[]): DeliveryDetail {
  return { ...deliveryView(delivery), AttemptList: attempts.map(attemptView) }
}
