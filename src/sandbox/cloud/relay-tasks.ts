import { randomBytes } from 'node:crypto'
import type { RoomId } from '../../trtc/room-id.ts'
import type { TaskRequest } from './api.ts'
import type { PushStatus } from './push.ts'
import { RelayTask, type RelayQuirks, type RelayTimings, type TaskEnd } from './relay.ts'
import type { Room } from './room.ts'

export interface RelayTasksOptions {
  now: () => number
  timings: RelayTimings
  quirks: RelayQuirks
  audioDelayMs: (task: Pick<TaskView, 'roomId' | 'anchorUserId'>) => number
}

/** A relay task as the sandbox knows it. */
export interface TaskView {
  taskId: string
  sdkAppId: number
  roomId: RoomId
  robotUserId: string
  anchorUserId: string
  endedBy: TaskEnd | undefined
  pushes: { url: string, status: PushStatus }[]
}

/** The relay tasks of a cloud, ended ones too. */
export class RelayTasks {
  readonly #options: RelayTasksOptions
  readonly #tasks = new Map<string, RelayTask>()
  readonly #ending = new Set<Promise<void>>()

  constructor (options: RelayTasksOptions) {
    this.#options = options
  }

  /** @param send sends an event of the task's app */
  start ({ roomId, ...request }: TaskRequest, room: Room, send: (type: number, info: Record<string, unknown>) => void): RelayTask {
    const { audioDelayMs, now, quirks, ...options } = this.#options
    const { robotUserId, anchorUserId } = request
    const taskId = `-${randomBytes(24).toString('base64url')}..`
    const task: RelayTask = new RelayTask({
      ...options,
      ...request,
      taskId,
      room,
      audioDelayMs: audioDelayMs({ roomId, anchorUserId }),
      now,
      quirks,
      report: (url, status, message) => send(401, {
        RoomId: roomId,
        RoomType: typeof roomId === 'number' ? 0 : 1,
        [quirks.relayTimeField]: now(),
        UserId: robotUserId,
        TaskId: taskId,
        Payload: { Url: url, Status: status, ErrorCode: status === 4 ? 1 : 0, ErrorMsg: message }
      }),
      onIdle: () => this.end('idle', (each) => each.taskId === taskId)
    })
    this.#tasks.set(taskId, task)
    return task
  }

  get (taskId: string): RelayTask | undefined {
    return this.#tasks.get(taskId)
  }

  list (): TaskView[] {
    return Array.from(this.#tasks.values(), ({ options: { taskId, sdkAppId, room, robotUserId }, anchorUserId, endedBy, pushes }) =>
      ({ taskId, sdkAppId, roomId: room.roomId, robotUserId, anchorUserId, endedBy, pushes }))
  }

  /** Ends the running tasks of which `matches` is true. */
  end (by: TaskEnd, matches: (options: RelayTask['options']) => boolean): void {
    for (const task of this.#tasks.values()) {
      if (task.endedBy !== undefined || !matches(task.options)) continue
      const ending = task.end(by).finally(() => this.#ending.delete(ending))
      this.#ending.add(ending)
    }
  }

  /** Resolves when every task that was ended so far has hung up. */
  async settled (): Promise<void> {
    await Promise.all(this.#ending)
  }
}
