import { randomBytes } from 'node:crypto'
import type { CloudState, TaskRequest } from '../../src/sandbox/cloud/api.ts'
import { ApiServer } from '../../src/sandbox/cloud/api-server.ts'
import { RelayTask, trtcRelayTimings } from '../../src/sandbox/cloud/relay.ts'
import { Room } from '../../src/sandbox/cloud/room.ts'
import { Ticker } from '../../src/sandbox/speaker.ts'
import { answerCalls } from '../capture/answer-calls.ts'
import { keyOf, type RoomName, type RoomsApp, type TrtcCalls } from './calls.ts'
import { EventSender, type EventAttempt } from './event-sender.ts'
import type { RelayReport } from './relay.ts'
import { Relays } from './relays.ts'

export interface TrtcReport {
  relays: RelayReport[]
  /** When the first user of each room began to talk, by the event that says so. */
  audibleMs: [roomId: string, eventMs: number][]
  attempts: EventAttempt[]
  lostEvents: number
  /** Calls of the Cloud API that came too soon after others. */
  refusedCalls: number
  /** How late frames were sent. */
  lateP99Ms: number
  lateMaxMs: number
}

/** A process that plays TRTC: rooms, signed events, the Cloud API with its limits, and a relay by real RTMP for each anchor. */
const apps = new Map<number, RoomsApp>()
const rooms = new Map<string, Room>()
const tasks = new Map<string, RelayTask>()
const audibleMs = new Map<string, number>()
const events = new EventSender()
const relays = new Relays()
const ticker = new Ticker(Date.now)
let lateMs = 0
let api: ApiServer | undefined

const state: CloudState = {
  now: Date.now,
  secretKeyOf: (sdkAppId) => apps.get(sdkAppId)?.secretKey,
  liveRoom: (sdkAppId, roomId) => rooms.get(keyOf({ sdkAppId, roomId: String(roomId) })),
  startTask,
  task: (taskId) => tasks.get(taskId),
  endTask: (task) => {
    relays.stop(task.options.taskId)
    void task.end('stopped') // it has no pushes of its own that would have to end first
  },
  removeUser: () => undefined,
  thirdPartyRelay: 'allowed'
}

answerCalls<TrtcCalls>({
  start: async (request) => {
    lateMs = request.lateMs
    for (const app of request.apps) apps.set(app.sdkAppId, app)
    api = new ApiServer({ credentials: request.apps.map(({ cloud }) => cloud), strict: false, cloud: state })
    return api.listen('127.0.0.1', 0)
  },

  tell: async ({ url }) => {
    events.url = url
    return null
  },

  enter: async ({ userIds, ...name }) => {
    const room = roomOf(name)
    for (const userId of userIds) {
      room.enter(userId)
      room.send(203, { UserId: userId })
    }
    return null
  },

  talking: async ({ relays: count }) => {
    await relays.talking(count)
    return null
  },

  dismiss: async () => {
    relays.end()
    for (const room of rooms.values()) room.dismiss()
    return null
  },

  report: async () => {
    const report = await relays.report()
    await events.settled()
    const refusedCalls = api?.log.filter(({ code }) => code === 'RequestLimitExceeded').length ?? 0
    return { ...report, audibleMs: [...audibleMs], attempts: events.attempts, lostEvents: events.lost, refusedCalls }
  }
}, async () => {
  relays.destroy()
  for (const room of rooms.values()) room.close()
  await api?.close()
  await events.close()
  process.exit() // events that nobody takes would be tried for a minute
})

function roomOf (name: RoomName): Room {
  const known = rooms.get(keyOf(name))
  if (known !== undefined) return known
  const room = new Room(name.roomId, {
    now: Date.now,
    ticker,
    send: (type, info) => { tell(name, type, info) },
    onEnter: () => undefined,
    onDismissed: () => undefined,
    lingerMs: 0,
    quoteDismissedRoom: false
  })
  rooms.set(keyOf(name), room)
  return room
}

/** The task is the sandbox's, so that the Cloud API knows it. It has no URL to push to: a cheaper relay does that. */
function startTask ({ urls: [url = ''], ...request }: TaskRequest): RelayTask {
  const { sdkAppId, anchorUserId: userId, robotUserId } = request
  const name = { sdkAppId, roomId: String(request.roomId) }
  const room = roomOf(name)
  const taskId = `-${randomBytes(24).toString('base64url')}..`
  const task = new RelayTask({ ...request, ...noPushes, taskId, room })
  tasks.set(taskId, task)
  relays.start(taskId, {
    roomId: name.roomId,
    userId,
    url,
    lateMs,
    onStatus: (status) => {
      room.send(401, { RoomType: 1, UserId: robotUserId, TaskId: taskId, Payload: { Url: url, Status: status, ErrorCode: 0, ErrorMsg: '' } })
    }
  })
  return task
}

const noPushes = {
  urls: [],
  audioDelayMs: 0,
  now: Date.now,
  timings: trtcRelayTimings,
  quirks: { disconnectWhenQuiet: false, restartTimestamps: false, silentIdleEnd: false, relayTimeField: 'EventMsTs' },
  report: () => undefined,
  onIdle: () => undefined
} as const

function tell (name: RoomName, type: number, info: Record<string, unknown>): void {
  const app = apps.get(name.sdkAppId)
  if (app === undefined) throw new Error(`there is no app ${name.sdkAppId}`)
  if (type === 203 && !audibleMs.has(name.roomId)) audibleMs.set(name.roomId, Number(info.EventMsTs))
  events.send(keyOf(name), { EventGroupId: Math.floor(type / 100), EventType: type, CallbackTs: Date.now(), EventInfo: info }, app)
}
