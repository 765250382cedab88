import { Agent } from 'node:http'
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
  /** Longest time for one call. */
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

/**
 * What became of a call that failed.
 * - `limited`: TRTC did not take it, since its account makes too many; the same call is taken later
 * - `noSuchTask`: TRTC did not take it, since it does not know what the call names
 * - `refused`: TRTC did not take it, and would not take it again
 * - `unanswered`: nobody knows; TRTC may have done what was asked
 */
export type CallOutcome = 'limited' | 'noSuchTask' | 'refused' | 'unanswered'

/** By how TRTC's code begins: what is after a dot narrows it down. Any other code is a refusal. TRTC docs, common errors (document 34270). */
const outcomes = {
  RequestLimitExceeded: 'limited',
  ResourceNotFound: 'noSuchTask',
  InternalError: 'unanswered',
  ServiceUnavailable: 'unanswered'
} as const satisfies Record<string, CallOutcome>

/** What became of the call that threw this. What is not known, such as a reason to abort, may have been taken. */
export function outcomeOf (error: unknown): CallOutcome {
  if (error instanceof CallFailure) return error.outcome
  // thrown before TRTC was asked: an app has no keys, or is not known
  return error instanceof RoomtapeError && error.fault === 'caller' ? 'refused' : 'unanswered'
}

/** The host of an endpoint, as TRTC counts calls by it. */
export function hostOf (endpoint: string): string {
  return endpoint.replace(/^https?:\/\//, '').replace(/\/$/, '')
}

/** The parts of TRTC's Cloud API that a relay needs, by the vendor's own client. A call is made at once, whatever TRTC's limit. */
export class CloudApi {
  readonly #client: CommonClient
  readonly #secrets: string[]

  constructor ({ secretId, secretKey, token, region, endpoint = mainlandHost, timeoutSeconds = 10 }: CloudApiOptions) {
    this.#secrets = token === undefined ? [secretKey] : [secretKey, token]
    const plain = endpoint.startsWith('http://')
    this.#client = new CommonClient(hostOf(endpoint), '2019-07-22', {
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
    if (typeof answer.TaskId !== 'string') throw new CallFailure('unanswered', 'StartPublishCdnStream answered without a TaskId')
    return { taskId: answer.TaskId }
  }

  /**
   * Ends a relay; one that TRTC does not know, or no longer, need not be ended.
   * @throws RoomtapeError TRTC_REFUSED, TRTC_UNAVAILABLE
   * @see TRTC docs, StopPublishCdnStream (document 48246)
   */
  async stopPublishCdnStream ({ sdkAppId, taskId }: { sdkAppId: number, taskId: string }, { signal }: { signal: AbortSignal }): Promise<'stopped' | 'noSuchTask'> {
    try {
      await this.#call('StopPublishCdnStream', { SdkAppId: sdkAppId, TaskId: taskId }, [], signal)
      return 'stopped'
    } catch (error) {
      const outcome = outcomeOf(error)
      if (outcome !== 'noSuchTask') throw error
      return outcome
    }
  }

  async #call (action: string, body: object, secrets: string[], signal: AbortSignal): Promise<Partial<Record<string, unknown>>> {
    signal.throwIfAborted()
    try {
      return await this.#client.request(action, body, { signal }) as Partial<Record<string, unknown>>
    } catch (error) {
      signal.throwIfAborted()
      throw translate(action, error, [...this.#secrets, ...secrets])
    }
  }
}

/** A call that TRTC did not take, or did not answer. */
export class CallFailure extends RoomtapeError {
  readonly outcome: CallOutcome

  constructor (outcome: CallOutcome, message: string) {
    super(outcome === 'refused' || outcome === 'noSuchTask' ? 'TRTC_REFUSED' : 'TRTC_UNAVAILABLE', message)
    this.outcome = outcome
  }
}

/** The client's own error is not kept as the cause: TRTC's message may quote the request, and the request holds a UserSig and a stream key. */
function translate (action: string, error: unknown, secrets: string[]): CallFailure {
  const { code, requestId, httpCode } = error as { code?: unknown, requestId?: unknown, httpCode?: unknown }
  const message = redact(messageOf(error), secrets).slice(0, 300)
  // without a RequestId it is not TRTC that spoke, even if there is a code (the transport has its own)
  if (typeof code !== 'string' || typeof requestId !== 'string' || requestId === '') {
    return new CallFailure('unanswered', `${action} got no answer: ${typeof httpCode === 'number' ? `HTTP ${httpCode} ` : ''}${message}`)
  }
  const outcome = Object.entries(outcomes).find(([prefix]) => code.startsWith(prefix))?.[1] ?? 'refused'
  return new CallFailure(outcome, `${action} was refused with ${code} (RequestId ${requestId}): ${message}`)
}

function redact (text: string, secrets: string[]): string {
  // the longest first, so that a part does not break up the whole; what is shorter would blot out ordinary words
  const telling = secrets.filter((secret) => secret.length >= 6).sort((a, b) => b.length - a.length)
  return telling.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
}
