import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { CommonClient } from 'tencentcloud-sdk-nodejs-common'
import { messageOf, RoomtapeError } from '../core/errors.ts'
import type { RoomId } from './room-id.ts'

/** Where the Cloud API is for accounts of mainland China. */
export const mainlandHost = 'trtc.tencentcloudapi.com'

export interface CloudApiOptions {
  secretId: string
  secretKey: string
  /** Only with temporary credentials. */
  token?: string
  /** E.g. `ap-guangzhou`; most TRTC actions insist on one. */
  region: string
  /** Host, or origin of a server on this machine such as `http://127.0.0.1:9400`. International accounts use `trtc.intl.tencentcloudapi.com`. */
  endpoint?: string
  /** Longest time for one call, without its wait for the rate limit. */
  timeoutSeconds?: number
}

/** A relay of one anchor's audio, which may begin before the anchor is there. */
export interface PublishRequest {
  sdkAppId: number
  roomId: RoomId
  anchorUserId: string
  /** Enters the room to fetch the audio. A second robot of the same id ends the first; the UserSig must outlive the task. */
  robot: { userId: string, userSig: string }
  /** `rtmp://`, with a key that makes it a secret. */
  url: string
  /** 5 to 86400: the task ends itself when the anchor is away, or audience, for so long. */
  maxIdleSeconds: number
}

/** The parts of TRTC's Cloud API that a relay needs, by the vendor's own client. */
export class CloudApi {
  readonly #client: CommonClient
  readonly #secrets: string[]
  readonly #limiters = new Map<string, RateLimiter>()

  constructor ({ secretId, secretKey, token, region, endpoint = mainlandHost, timeoutSeconds = 10 }: CloudApiOptions) {
    this.#secrets = token === undefined ? [secretKey] : [secretKey, token]
    const plain = endpoint.startsWith('http://')
    this.#client = new CommonClient(endpoint.replace(/^https?:\/\//, '').replace(/\/$/, ''), '2019-07-22', {
      credential: { secretId, secretKey, ...(token === undefined ? {} : { token }) },
      region,
      profile: {
        httpProfile: {
          protocol: plain ? 'http://' : 'https://',
          reqTimeout: timeoutSeconds,
          // without an agent of its own the client would send even a call to this machine through $http_proxy
          ...(plain ? { agent: new Agent() } : {})
        }
      }
    })
  }

  /**
   * Starts a relay. Not idempotent: after TRTC_UNAVAILABLE a task may run all the same, and only a robot of the same id,
   * or `maxIdleSeconds`, ends it.
   * @throws RoomtapeError TRTC_REFUSED, TRTC_UNAVAILABLE
   * @see TRTC docs, StartPublishCdnStream (document 48247)
   */
  async startPublishCdnStream (request: PublishRequest, { signal }: { signal: AbortSignal }): Promise<{ taskId: string }> {
    const { sdkAppId, anchorUserId, robot, url, maxIdleSeconds } = request
    const room = { RoomId: String(request.roomId), RoomIdType: typeof request.roomId === 'number' ? 0 : 1 }
    const answer = await this.#call('StartPublishCdnStream', {
      SdkAppId: sdkAppId,
      ...room,
      AgentParams: { UserId: robot.userId, UserSig: robot.userSig, MaxIdleTime: maxIdleSeconds },
      WithTranscoding: 0,
      AudioParams: { AudioEncode: { SampleRate: 48_000, Channel: 1, BitRate: 64, Codec: 0 } },
      SingleSubscribeParams: { UserMediaStream: { UserInfo: { ...room, UserId: anchorUserId }, StreamType: 0 } },
      PublishCdnParams: [{ PublishCdnUrl: url, IsTencentCdn: 0 }]
    }, [robot.userSig, url, ...url.split(/[/?&=#]/)], signal)
    if (typeof answer.TaskId !== 'string') throw new RoomtapeError('TRTC_UNAVAILABLE', 'StartPublishCdnStream answered without a TaskId')
    return { taskId: answer.TaskId }
  }

  /**
   * Ends a relay; one that TRTC no longer knows has ended, which is as good.
   * @throws RoomtapeError TRTC_REFUSED, TRTC_UNAVAILABLE
   * @see TRTC docs, StopPublishCdnStream (document 48246)
   */
  async stopPublishCdnStream ({ sdkAppId, taskId }: { sdkAppId: number, taskId: string }, { signal }: { signal: AbortSignal }): Promise<void> {
    try {
      await this.#call('StopPublishCdnStream', { SdkAppId: sdkAppId, TaskId: taskId }, [], signal)
    } catch (error) {
      if (!(error instanceof ApiRefusal && error.apiCode.startsWith('ResourceNotFound'))) throw error
    }
  }

  async #call (action: string, body: object, secrets: string[], signal: AbortSignal): Promise<Partial<Record<string, unknown>>> {
    await this.#waitForLimit(action, signal)
    try {
      return await this.#client.request(action, body, { signal }) as Partial<Record<string, unknown>>
    } catch (error) {
      signal.throwIfAborted()
      throw translate(action, error, [...this.#secrets, ...secrets])
    }
  }

  async #waitForLimit (action: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    let limiter = this.#limiters.get(action)
    if (limiter === undefined) this.#limiters.set(action, limiter = new RateLimiter())
    const waitMs = limiter.reserve(performance.now())
    if (waitMs > 0) await sleep(waitMs, undefined, { signal })
  }
}

class ApiRefusal extends RoomtapeError {
  readonly apiCode: string

  constructor (apiCode: string, message: string) {
    super('TRTC_REFUSED', message)
    this.apiCode = apiCode
  }
}

/** Rate limiter of one action: TRTC takes 20 calls of each a second; the window is a tenth longer since calls may bunch up on their way. */
class RateLimiter {
  /** Times at which the last 20 calls were, or will be, made; by `performance.now()`. */
  readonly #calls: number[] = []

  /** Reserves a call. @returns milliseconds until it may be made */
  reserve (now: number): number {
    const oldest = this.#calls.length < 20 ? undefined : this.#calls.shift()
    const at = oldest === undefined ? now : Math.max(now, oldest + 1100)
    this.#calls.push(at)
    return at - now
  }
}

/** The client's own error is not kept as the cause: TRTC's message may quote the request, and the request holds a UserSig and a stream key. */
function translate (action: string, error: unknown, secrets: string[]): RoomtapeError {
  const { code, requestId, httpCode } = error as { code?: unknown, requestId?: unknown, httpCode?: unknown }
  const message = redact(messageOf(error), secrets).slice(0, 300)
  // without a RequestId it is not TRTC that spoke, even if there is a code (the transport has its own)
  if (typeof code !== 'string' || typeof requestId !== 'string' || requestId === '') {
    return new RoomtapeError('TRTC_UNAVAILABLE', `${action} got no answer: ${typeof httpCode === 'number' ? `HTTP ${httpCode} ` : ''}${message}`)
  }
  const text = `${action} was refused with ${code} (RequestId ${requestId}): ${message}`
  // the only codes that a later try can turn, by TRTC's list of common errors
  if (/^(InternalError|ServiceUnavailable|RequestLimitExceeded)/.test(code)) return new RoomtapeError('TRTC_UNAVAILABLE', text)
  return new ApiRefusal(code, text)
}

function redact (text: string, secrets: string[]): string {
  // the longest first, so that a part does not break up the whole; what is shorter would blot out ordinary words
  const telling = secrets.filter((secret) => secret.length >= 6).sort((a, b) => b.length - a.length)
  return telling.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
}
