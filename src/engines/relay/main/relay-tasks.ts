import { RoomtapeError } from '../../../core/errors.ts'
import { CloudApi } from '../../../trtc/cloud-api.ts'
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
  /** One client per credentials, since it spaces its calls by TRTC's limit. */
  readonly #clients = new Map<string, CloudApi>()

  constructor (options: { endpoint?: string | undefined, clock: Clock }) {
    this.#options = options
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
    return this.#clientOf(app).startPublishCdnStream({ sdkAppId, roomId, anchorUserId, robot, url, maxIdleSeconds }, { signal })
  }

  /** @throws RoomtapeError TRTC_REFUSED, TRTC_UNAVAILABLE */
  async stop (app: RelayApp, taskId: string, { signal }: { signal: AbortSignal }): Promise<void> {
    await this.#clientOf(app).stopPublishCdnStream({ sdkAppId: app.sdkAppId, taskId }, { signal })
  }

  #clientOf ({ sdkAppId, cloud }: RelayApp): CloudApi {
    if (cloud === undefined) throw new RoomtapeError('TRTC_REFUSED', `app ${sdkAppId} has no Cloud API credentials`)
    const { secretId, secretKey, region } = cloud
    const endpoint = cloud.endpoint ?? this.#options.endpoint
    const identity = JSON.stringify([secretId, secretKey, region, endpoint])
    let client = this.#clients.get(identity)
    if (client === undefined) this.#clients.set(identity, client = new CloudApi({ secretId, secretKey, region, ...endpoint !== undefined && { endpoint } }))
    return client
  }
}
