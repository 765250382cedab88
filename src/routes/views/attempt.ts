import { Type, type Static } from 'typebox'
import type { EndpointTest } from '../../callback/test-endpoint.ts'
import type { AttemptRow } from '../../state/delivery-log.ts'
import { orNull } from '../fields.ts'

/** What is told of an attempt, also of a test. */
const outcome = {
  StartedMs: Type.Integer(),
  LatencyMs: orNull(Type.Integer(), 'Null when nothing may be told of the target.'),
  Status: orNull(Type.Integer(), 'Null when no answer came.'),
  Reason: orNull(Type.String(), 'Why it failed; null: it did not. `blocked_target` says no more than that.'),
  Headers: orNull(Type.Record(Type.String(), Type.String()), 'Of the answer, those that help to find a fault.'),
  Body: orNull(Type.String(), 'The first 8 kB of the answer; empty when it is not text.'),
  Cut: Type.Boolean({ description: 'There was more than that, or it broke off.' })
}

export const AttemptView = Type.Object({
  Number: Type.Integer({ description: 'From 1; the header `x-attempt`.' }),
  Cause: Type.Enum(['schedule', 'probe', 'manual', 'bulk'], { description: 'What led to it: its turn, the test of an endpoint whose breaker is open, a replay of this one or of many.' }),
  ...outcome
})
export type AttemptView = Static<typeof AttemptView>

export function attemptView (row: AttemptRow): AttemptView {
  return {
    Number: row.number,
    Cause: row.cause,
    StartedMs: row.startedMs,
    LatencyMs: row.durationMs,
    Status: row.status,
    Reason: row.reason,
    Headers: row.headers,
    Body: row.body,
    Cut: row.cut
  }
}

export const TestView = Type.Object({ EventId: Type.String(), Delivered: Type.Boolean(), ...outcome })
type TestView = Static<typeof TestView>

export function testView ({ eventId, startedMs, outcome }: EndpointTest): TestView {
  const response = 'response' in outcome ? outcome.response : undefined
  return {
    EventId: eventId,
    Delivered: outcome.outcome === 'delivered',
    StartedMs: startedMs,
    LatencyMs: 'durationMs' in outcome ? outcome.durationMs : null,
    Status: response?.status ?? null,
    Reason: outcome.outcome === 'delivered' ? null : outcome.reason,
    Headers: response?.headers ?? null,
    Body: response?.body ?? null,
    Cut: response?.cut ?? false
  }
}
