import { RoomtapeError } from '../../../core/errors.ts'
import { CloudApi, hostOf, mainlandHost, outcomeOf } from '../../../trtc/cloud-api.ts'
import type { RoomId } from '../../../trtc/room-id.ts'
import { mintUserSig } from '../../../trtc/user-sig.ts'
import type { Clock } from '../../../core/clock.ts'
import { CallQueue, type CallBudget, type CallFigures } from './call-queue.ts'
import type { Turn } from './waiting-calls.ts'

/** What it takes to ask for an app's audio. */
export interface RelayApp {
  sdkAppId: number
  sdkSecretKey?: string
  cloud?: { secretId: string, secretKey: string, region: string, endpoint?: string }
}

export interface RelayRequest {
  roomId: RoomId
  anchorUserId: string
  /** The robot's user id, which nobody else has or had. */
  robotId: string
  /** Where the audio is to be pushed, a secret. */
  url: string
  /** The longest the task may be needed. */
  maxSeconds: number
}

export interface RelayTasksOptions {
  endpoint?: string | undefined
  /** A task that nobody stops ends itself when its anchor has been gone for this time. */
  maxIdleSeconds: number
  clock: Clock
}

export interface StartOptions {
  /** Ends the call. */
  signal: AbortSignal
  /** Gives it up while it waits for its turn. */
  giveUp?: AbortSignal
  /** Told when the call is made, and when TRTC has not taken it and it waits again. */
  onAsked?: (isAsked: boolean) => void
}

/** How much longer a robot's UserSig is valid than its task may be needed. With an expired one it could not resume after a fail-over of TRTC's. */
const userSigMarginSeconds = 86_400

/**
 * The tasks by which TRTC pushes an anchor's audio to us: starts and stops them by Cloud API. A call waits for its turn within TRTC's limit,
 * which has nothing to do with how long its answer may take.
 */
export class RelayTasks {
  readonly #options: RelayTasksOptions
  readonly #calls = new CallQueue()
  /** By credentials, region and host. */
  readonly #clients = new Map<string, CloudApi>()

  constructor (options: RelayTasksOptions) {
    this.#options = options
  }

  /** The host, or origin, of the Cloud API that starts an app's tasks at present. */
  hostOf ({ cloud }: RelayApp): string {
    return cloud?.endpoint ?? this.#options.endpoint ?? mainlandHost
  }

  /** Calls that wait for their turn, and what became of TRTC's limit. */
  figures (): CallFigures {
    return this.#calls.figures()
  }

  /** @throws RoomtapeError TRTC_REFUSED, TRTC_UNAVAILABLE */
  async start (app: RelayApp, request: RelayRequest, turn: Turn, { signal, giveUp, onAsked }: StartOptions): Promise<{ taskId: string }> {
    const { maxIdleSeconds, clock } = this.#options
    const { sdkAppId, sdkSecretKey } = app
    const { robotId, maxSeconds, roomId, anchorUserId, url } = request
    if (sdkSecretKey === undefined) throw new RoomtapeError('TRTC_REFUSED', `app ${sdkAppId} has no SDK secret key to make a robot's UserSig with`)
    const { api, budget } = this.#clientOf(app, this.hostOf(app), 'StartPublishCdnStream')
    return this.#calls.run(budget, turn, async () => {
      const userSig = mintUserSig({
        sdkAppId,
        secretKey: sdkSecretKey,
        userId: robotId,
        expireSeconds: maxSeconds + userSigMarginSeconds,
        nowMs: clock.now()
      })
      const robot = { userId: robotId, userSig }
      onAsked?.(true)
      try {
        return await api.startPublishCdnStream({ sdkAppId, roomId, anchorUserId, robot, url, maxIdleSeconds }, { signal })
      } catch (error) {
        if (outcomeOf(error) === 'limited') onAsked?.(false)
        throw error
      }
    }, { signal: giveUp === undefined ? signal : AbortSignal.any([signal, giveUp]) })
  }

  /**
   * @param task its `host` is where it was started; null: where the app's are at present
   * @returns whether there was anything to stop
   * @throws RoomtapeError TRTC_REFUSED, TRTC_UNAVAILABLE
   */
  async stop (app: RelayApp, task: { taskId: string, host: string | null }, turn: Turn, { signal }: { signal: AbortSignal }): Promise<'stopped' | 'noSuchTask'> {
    const { sdkAppId } = app
    const { taskId, host } = task
    const { api, budget } = this.#clientOf(app, host ?? this.hostOf(app), 'StopPublishCdnStream')
    return this.#calls.run(budget, turn, () => api.stopPublishCdnStream({ sdkAppId, taskId }, { signal }), { signal })
  }

  #clientOf ({ sdkAppId, cloud }: RelayApp, endpoint: string, action: string): { api: CloudApi, budget: CallBudget } {
    if (cloud === undefined) throw new RoomtapeError('TRTC_REFUSED', `app ${sdkAppId} has no Cloud API credentials`)
    const { secretId, secretKey, region } = cloud
    const identity = JSON.stringify([secretId, secretKey, region, endpoint])
    let api = this.#clients.get(identity)
    if (api === undefined) this.#clients.set(identity, api = new CloudApi({ secretId, secretKey, region, endpoint }))
    return { api, budget: { action, host: hostOf(endpoint), secretId } }
  }
}
