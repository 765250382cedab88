import type { EventEmitter } from 'node:events'
import type { AttemptNote } from '../state/deliveries.ts'
import type { Attempted } from './outcome.ts'

/** One attempt, as metrics have it. */
export interface MeasuredAttempt {
  result: 'delivered' | 'retried' | 'dead'
  class: '2xx' | '3xx' | '4xx' | '5xx' | 'timeout' | 'network' | 'blocked'
  /** Absent: nothing may be told of it. */
  attemptSeconds?: number
  /** From the event to its first success; absent: this is none, or somebody asked for it later. */
  deliverySeconds?: number
}

/** What is measured once it is noted: attempts, and deliveries that became dead. */
export type CallbackMeasures = EventEmitter<{ attempt: [MeasuredAttempt], dead: [{ reason: string, count: number }] }>

export function measure (outcomes: readonly Attempted[], notes: readonly AttemptNote[], measures: CallbackMeasures): void {
  for (const [index, { delivery }] of outcomes.entries()) {
    const note = notes[index]
    if (note === undefined) continue
    const { state, cause, reason, startedMs, durationMs } = note
    const isFirstSuccess = state === 'delivered' && (cause === 'schedule' || cause === 'probe')
    measures.emit('attempt', {
      result: state === 'waiting' ? 'retried' : state,
      class: classOf(note),
      ...durationMs !== null && { attemptSeconds: durationMs / 1_000 },
      ...durationMs !== null && isFirstSuccess && { deliverySeconds: Math.max(0, startedMs + durationMs - delivery.createdMs) / 1_000 }
    })
    if (state === 'dead') measures.emit('dead', { reason: reason ?? 'failed', count: 1 })
  }
}

function classOf ({ status, reason }: AttemptNote): MeasuredAttempt['class'] {
  if (reason === 'blocked_target') return 'blocked'
  if (status === null) return reason === 'timeout_connect' || reason === 'timeout_total' ? 'timeout' : 'network'
  if (status < 300) return '2xx'
  return status < 400 ? '3xx' : status < 500 ? '4xx' : '5xx'
}
