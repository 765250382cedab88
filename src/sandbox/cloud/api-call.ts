import type { RoomId } from '../../trtc/room-id.ts'
import type { ActionName, CloudState } from './api.ts'

/** What a call of the Cloud API is about, for fault rules and the log of calls. */
export interface ApiCall {
  action: ActionName
  /** The sub-account whose key signed the call. */
  account: string
  /** The relay task that an Update or Stop names. */
  taskId?: string
  /** The anchor of a relay, or the users who are to be removed. */
  userIds: readonly string[]
  roomId?: RoomId
}

/** The members that tell it, of any action; the action itself checks them later. */
interface CallBody {
  TaskId?: unknown
  RoomId?: unknown
  RoomIdType?: unknown
  UserIds?: unknown
  SingleSubscribeParams?: { UserMediaStream?: { UserInfo?: { UserId?: unknown } } }
}

/** Reads from a call's body, or from the task it names, what it is about; what is malformed is left out. */
export function apiCallOf (action: ActionName, account: string, body: unknown, cloud: Pick<CloudState, 'task'>): ApiCall {
  const { TaskId, RoomId, RoomIdType, UserIds, SingleSubscribeParams } = (body ?? {}) as CallBody
  if (typeof TaskId === 'string') {
    const task = cloud.task(TaskId)
    return { action, account, taskId: TaskId, ...task === undefined ? { userIds: [] } : { userIds: [task.anchorUserId], roomId: task.options.room.roomId } }
  }
  const users: unknown[] = Array.isArray(UserIds) ? UserIds : [SingleSubscribeParams?.UserMediaStream?.UserInfo?.UserId]
  const roomId = RoomIdType === 0 ? Number(RoomId) : RoomId
  return {
    action,
    account,
    userIds: users.filter((user) => typeof user === 'string'),
    ...typeof roomId === 'string' || typeof roomId === 'number' ? { roomId } : {}
  }
}
