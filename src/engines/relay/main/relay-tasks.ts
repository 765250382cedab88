import { RoomtapeError } from '../../../core/errors.ts'
import { CloudApi, mainlandHost } from '../../../trtc/cloud-api.ts'
import type { RoomId } from '../../../trtc/room-id.ts'
import { mintUserSig } from '../../../trtc/user-sig.ts'
import type { Clock } from '../../../core/clock.ts'

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

/** A task that nobody stops ends itself when its anchor has been gone for this time. */
const maxIdleSeconds = 60
/** How much longer a robot's UserSig is valid than its task may be needed. With an expired one it could not resume after a fail-over of TRTC's. */
const userSigMarginSeconds = 86_400

/** The tasks by which TRTC pushes an anchor's audio to us: starts and stops them by Cloud API. */
export class RelayTasks {
  readonly #options: { endpoint?: string | undefined, clock: Clock }
  /** One client per credentials and host, since it spaces its calls by TRTC's limit. */
  readonly #clients = new Map<string, CloudApi>()

  constructor (options: { endpoint?: string | undefined, clock: Clock }) {
    this.#options = options
  }

  /** The host, or origin, of the Cloud API that starts an app's tasks at present. */
  hostOf ({ cloud }: RelayApp): string {
    return cloud?.endpoint ?? this.#options.endpoint ?? mainlandHost
  }

  /** @throws RoomtapeError TRTC_REFUSED, TRTC_UNAVAILABLE */
  async start (app: RelayApp, request: RelayRequest, { signal }: { signal: AbortSignal }): Promise<{ taskId: string }> {
    const { sdkAppId, sdkSecretKey } = app
    const { robotId, maxSeconds, roomId, anchorUserId, url } = request
    if (sdkSecretKey === undefined) throw new RoomtapeError('TRTC_REFUSED', `app ${sdkAppId} has no SDK secret key to make a robot's UserSig with`)
    const userSig = mintUserSig({
      sdkAppId,
      secretKey: sdkSecretKey,
      userId: robotId,
      expireSeconds: maxSeconds + userSigMarginSeconds,
      nowMs: this.#options.clock.now()
    })
    const robot = { userId: robotId, userSig }
    return this.#clientOf(app, this.hostOf(app)).startPublishCdnStream({ sdkAppId, roomId, anchorUserId, robot, url, maxIdleSeconds }, { signal })
  }

  /** @param task its `host` is where it was started; null: where the app's are at present. @throws RoomtapeError TRTC_REFUSED, TRTC_UNAVAILABLE */
  async stop (app: RelayApp, { taskId, host }: { taskId: string, host: string | null }, { signal }: { signal: AbortSignal }): Promise<void> {
    await this.#clientOf(app, host ?? this.hostOf(app)).stopPublishCdnStream({ sdkAppId: app.sdkAppId, taskId }, { signal })
  }

  #clientOf ({ sdkAppId, cloud }: RelayApp, endpoint: string): CloudApi {
    if (cloud === undefined) throw new RoomtapeError('TRTC_REFUSED', `app ${sdkAppId} has no Cloud API credentials`)
    const { secretId, secretKey, region } = cloud
    const identity = JSON.stringify([secretId, secretKey, region, endpoint])
    let client = this.#clients.get(identity)
    if (client === undefined) this.#clients.set(identity, client = new CloudApi({ secretId, secretKey, region, endpoint }))
    return client
  }
}
