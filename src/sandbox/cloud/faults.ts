import { roomKey, type RoomId } from '../../trtc/room-id.ts'
import type { ApiCall } from './api-call.ts'

/**
 * What goes wrong with a call of the Cloud API.
 * - `refuse`: the call fails with `code`; nothing is done
 * - `hang`: nothing is done, and no answer comes until the caller gives up
 * - `lost-answer`: the action is done, and then the connection is reset instead of the answer; an action that fails is answered
 */
export type CallFault = { kind: 'refuse', code: string } | { kind: 'hang' } | { kind: 'lost-answer' }

/** Which calls go wrong, and how. Conditions that are not given match every call. */
export type CallFaultRule = CallFault & {
  action?: ApiCall['action']
  /** The task that an Update or Stop names. */
  taskId?: string
  /** The anchor of the relay that is started, updated or stopped, or one of the users who are removed. */
  userId?: string
  roomId?: RoomId
  /** Which matching call is the first to be hit, counted from 1; 1 if not given. */
  nth?: number
  /** How many matching calls are hit, from the `nth` on; 1 if not given, Infinity until the rule is taken back. */
  times?: number
  /** Called each time a call is hit, before the action. */
  onHit?: () => void
}

/** Faults of the Cloud API to inject. Rules are asked in the order they were added; the first that matches and is due hits the call. */
export class CallFaults {
  #rules: Array<{ rule: CallFaultRule, seen: number }> = []

  /** Adds a rule. @returns takes the rule back; calls that hang already go on hanging */
  add (rule: CallFaultRule): () => void {
    const entry = { rule, seen: 0 }
    this.#rules.push(entry)
    return () => { this.#rules = this.#rules.filter((each) => each !== entry) }
  }

  /** The fault that this call meets, if any. */
  take (call: ApiCall): CallFault | undefined {
    for (const entry of this.#rules) {
      const { rule } = entry
      if (!matches(rule, call)) continue
      entry.seen++
      const { nth = 1, times = 1 } = rule
      if (entry.seen < nth || entry.seen >= nth + times) continue
      rule.onHit?.()
      return rule
    }
    return undefined
  }
}

function matches ({ action, taskId, userId, roomId }: CallFaultRule, call: ApiCall): boolean {
  return (action === undefined || action === call.action) &&
    (taskId === undefined || taskId === call.taskId) &&
    (userId === undefined || call.userIds.includes(userId)) &&
    (roomId === undefined || (call.roomId !== undefined && roomKey(roomId) === roomKey(call.roomId)))
}
