import { roomKey, type RoomId } from '../../trtc/room-id.ts'
import { FaultRules, type DueRule } from '../fault-rules.ts'
import type { ApiCall } from './api-call.ts'

/**
 * What goes wrong with a call of the Cloud API.
 * - `refuse`: the call fails with `code`; nothing is done
 * - `hang`: nothing is done, and no answer comes until the caller gives up
 * - `lost-answer`: the action is done, and then the connection is reset instead of the answer; an action that fails is answered
 */
export type CallFault = { kind: 'refuse', code: string } | { kind: 'hang' } | { kind: 'lost-answer' }

/** Which calls go wrong, and how. Conditions that are not given match every call. */
export type CallFaultRule = CallFault & DueRule & {
  action?: ApiCall['action']
  /** The task that an Update or Stop names. */
  taskId?: string
  /** The anchor of the relay that is started, updated or stopped, or one of the users who are removed. */
  userId?: string
  roomId?: RoomId
}

/** Faults of the Cloud API to inject. A call that hangs goes on hanging when its rule is taken back. */
export class CallFaults extends FaultRules<CallFaultRule, ApiCall> {
  constructor () {
    super(matches)
  }
}

function matches ({ action, taskId, userId, roomId }: CallFaultRule, call: ApiCall): boolean {
  return (action === undefined || action === call.action) &&
    (taskId === undefined || taskId === call.taskId) &&
    (userId === undefined || call.userIds.includes(userId)) &&
    (roomId === undefined || (call.roomId !== undefined && roomKey(roomId) === roomKey(call.roomId)))
}
