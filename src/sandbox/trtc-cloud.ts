import { systemClock, type Clock } from '../core/clock.ts'
import { roomKey, type RoomId } from '../trtc/room-id.ts'
import type { ActionName, CloudState, TaskRequest } from './cloud/api.ts'
import { ApiServer, type CallEntry } from './cloud/api-server.ts'
import { EventSender, trtcCallbackTimings, type CallbackEvent, type CallbackTimings, type Delivery, type Fate } from './cloud/events.ts'
import type { CallFaults } from './cloud/faults.ts'
import { trtcRelayTimings, type RelayQuirks, type RelayTask, type RelayTimings } from './cloud/relay.ts'
import { RelayTasks, type TaskView } from './cloud/relay-tasks.ts'
import { Room } from './cloud/room.ts'
import type { Credential } from './cloud/tc3.ts'
import { Ticker } from './speaker.ts'

export interface SandboxApp {
  sdkAppId: number
  /** Signs UserSigs. */
  secretKey: string
  /** Signs event callbacks. */
  callbackKey: string
  callbackUrl?: string
}

/** Behaviour that TRTC's pages leave open or contradict in a sample: a gateway must cope with either. */
export interface CloudQuirks extends RelayQuirks {
  /** Event 102 gives a numeric RoomId as text, as one of TRTC's own samples does. */
  quoteDismissedRoom: boolean
  /** Each further attempt to tell an event has a new CallbackTs, and so a new Sign. */
  restampRetries: boolean
  /** An event that got any answer is told only once, be it a 503; without it, any but 200 is tried again for a minute. */
  anyAnswerEnds: boolean
}

/** The harder way where TRTC's pages leave one open, but for what a gateway cannot cope with yet: an event that got any answer is told again. */
const defaultQuirks: CloudQuirks = {
  disconnectWhenQuiet: false,
  restartTimestamps: false,
  silentIdleEnd: true,
  relayTimeField: 'EventMsTs',
  quoteDismissedRoom: false,
  restampRetries: false,
  anyAnswerEnds: false
}

export interface TrtcCloudOptions {
  host?: string
  /** Port of the Cloud API; 0, the default, takes any that is free. */
  port?: number
  apps: readonly SandboxApp[]
  credentials: readonly Credential[]
  /** Insists on the service `trtc` in signatures and on short answers to callbacks. */
  strict?: boolean
  thirdPartyRelay?: 'allowed' | 'denied'
  clock?: Clock
  callbackTimings?: Partial<CallbackTimings>
  relayTimings?: Partial<RelayTimings>
  /**
   * How much later a relay pushes what its anchor says; two seconds unless given. What is under way when the anchor leaves or mutes, or the room ends,
   * is still pushed; StopPublishCdnStream cuts it off.
   */
  audioDelayMs?: number | ((task: Pick<TaskView, 'roomId' | 'anchorUserId'>) => number)
  /** How long an empty room stays live when the last to leave was audience; TRTC's 10 minutes unless given. */
  lingerMs?: number
  /** Decides of each event whether it is told once, twice, late or never; once unless given. */
  fate?: (event: CallbackEvent) => Fate
  quirks?: Partial<CloudQuirks>
}

const audienceLingerMs = 600_000
const defaultAudioDelayMs = 2_000
const maxDeliveries = 10_000

interface RunningApp extends SandboxApp {
  sender: EventSender
  rooms: Map<string, Room>
}

/** Starts a TRTC cloud on this machine: rooms with people who talk, signed events, the Cloud API, and relays by real RTMP. */
export async function startTrtcCloud (options: TrtcCloudOptions): Promise<TrtcCloud> {
  const cloud = new TrtcCloud(options)
  await cloud.listen()
  return cloud
}

export class TrtcCloud {
  readonly #options: TrtcCloudOptions
  readonly #quirks: CloudQuirks
  readonly #clock: Clock
  readonly #ticker: Ticker
  readonly #apps: Map<number, RunningApp>
  readonly #api: ApiServer
  readonly #tasks: RelayTasks
  readonly #deliveries: Delivery[] = []
  #endpoint = ''
  #closed: Promise<void> | undefined

  constructor (options: TrtcCloudOptions) {
    this.#options = options
    this.#quirks = { ...defaultQuirks, ...options.quirks }
    this.#clock = options.clock ?? systemClock
    this.#ticker = new Ticker(() => this.#clock.now())
    this.#apps = new Map(options.apps.map((app) => [app.sdkAppId, { ...app, sender: this.#senderOf(app), rooms: new Map() }]))
    const { audioDelayMs = defaultAudioDelayMs, relayTimings } = options
    this.#tasks = new RelayTasks({
      now: () => this.#clock.now(),
      timings: { ...trtcRelayTimings, ...relayTimings },
      quirks: this.#quirks,
      audioDelayMs: typeof audioDelayMs === 'number' ? () => audioDelayMs : audioDelayMs
    })
    this.#api = new ApiServer({ credentials: options.credentials, strict: options.strict ?? false, cloud: this.#state() })
  }

  /** Origin of the Cloud API, e.g. `http://127.0.0.1:9400`. */
  get endpoint (): string { return this.#endpoint }

  async listen (): Promise<void> {
    const { host = '127.0.0.1', port = 0 } = this.#options
    this.#endpoint = await this.#api.listen(host, port)
  }

  /** The room of this name, live or not; `1` and `'1'` are two rooms. */
  room (sdkAppId: number, roomId: RoomId): Room {
    const { rooms, sender } = this.#app(sdkAppId)
    const known = rooms.get(roomKey(roomId))
    if (known !== undefined) return known
    const room: Room = new Room(roomId, {
      now: () => this.#clock.now(),
      ticker: this.#ticker,
      send: (type, info) => sender.send(type, info),
      onEnter: (userId) => this.#tasks.end('replaced', (task) => task.sdkAppId === sdkAppId && task.robotUserId === userId),
      onDismissed: () => this.#tasks.end('dismissed', (task) => task.room === room),
      lingerMs: this.#options.lingerMs ?? audienceLingerMs,
      quoteDismissedRoom: this.#quirks.quoteDismissedRoom
    })
    rooms.set(roomKey(roomId), room)
    return room
  }

  /** Every task ever started, ended ones too. */
  tasks (): TaskView[] {
    return this.#tasks.list()
  }

  /** The latest attempts to deliver an event, with what came of them, oldest first. */
  deliveries (): readonly Delivery[] {
    return this.#deliveries
  }

  setCallbackUrl (sdkAppId: number, url: string | undefined): void {
    this.#app(sdkAppId).sender.callbackUrl = url
  }

  /** Faults of the Cloud API's calls, which a test may add and take back while the cloud runs. */
  get faults (): CallFaults { return this.#api.faults }

  /** The newest calls of the Cloud API that were signed rightly, oldest first, each added when it arrived. */
  calls (): readonly CallEntry[] {
    return this.#api.log
  }

  /** The next call of this action fails with this code. */
  failNext (action: ActionName, code: string): void {
    this.faults.add({ kind: 'refuse', action, code })
  }

  /** Resolves when every event so far has been answered or dropped and every ended task has hung up. */
  async settled (): Promise<void> {
    await this.#tasks.settled()
    await Promise.all(Array.from(this.#apps.values(), ({ sender }) => sender.settled()))
  }

  /** Ends every task, drops events that were not delivered, and empties every room without an event. */
  async close (): Promise<void> {
    this.#closed ??= this.#shutDown()
    await this.#closed
  }

  async #shutDown (): Promise<void> {
    for (const { rooms } of this.#apps.values()) for (const room of rooms.values()) room.close()
    this.#tasks.end('closed', () => true)
    await this.#tasks.settled()
    await Promise.all(Array.from(this.#apps.values(), ({ sender }) => sender.close()))
    await this.#api.close()
  }

  #app (sdkAppId: number): RunningApp {
    const app = this.#apps.get(sdkAppId)
    if (app === undefined) throw new Error(`the sandbox has no app ${sdkAppId}`)
    return app
  }

  #senderOf ({ sdkAppId, callbackKey, callbackUrl }: SandboxApp): EventSender {
    const { callbackTimings, fate = () => 'once', strict = false } = this.#options
    const sender = new EventSender({
      sdkAppId,
      callbackKey,
      clock: this.#clock,
      timings: { ...trtcCallbackTimings, ...callbackTimings },
      fate,
      restamp: this.#quirks.restampRetries,
      anyAnswerEnds: this.#quirks.anyAnswerEnds,
      strict,
      onDelivery: (delivery) => {
        this.#deliveries.push(delivery)
        if (this.#deliveries.length > maxDeliveries) this.#deliveries.shift()
      }
    })
    sender.callbackUrl = callbackUrl
    return sender
  }

  #state (): CloudState {
    return {
      now: () => this.#clock.now(),
      secretKeyOf: (sdkAppId) => this.#apps.get(sdkAppId)?.secretKey,
      liveRoom: (sdkAppId, roomId) => {
        const room = this.#apps.get(sdkAppId)?.rooms.get(roomKey(roomId))
        return room?.live === true ? room : undefined
      },
      startTask: (request) => this.#startTask(request),
      task: (taskId) => this.#tasks.get(taskId),
      endTask: (task) => this.#tasks.end('stopped', ({ taskId }) => taskId === task.options.taskId),
      removeUser: (sdkAppId, room, userId) => {
        this.#tasks.end('removed', (task) => task.room === room && task.robotUserId === userId)
        room.kick(userId)
      },
      thirdPartyRelay: this.#options.thirdPartyRelay ?? 'allowed'
    }
  }

  /** Starts a relay. A task or user that has the robot's id is removed first; TRTC says this of recorders and people, not of relays. */
  #startTask (request: TaskRequest): RelayTask {
    const { sdkAppId, roomId, robotUserId } = request
    const { sender, rooms } = this.#app(sdkAppId)
    this.#tasks.end('replaced', (task) => task.sdkAppId === sdkAppId && task.robotUserId === robotUserId)
    for (const room of rooms.values()) room.kick(robotUserId)
    return this.#tasks.start(request, this.room(sdkAppId, roomId), (type, info) => sender.send(type, info))
  }
}
