import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Clock } from '../src/core/clock.ts'
import { RoomtapeError } from '../src/core/errors.ts'
import { isFresh } from '../src/trtc/sent-time.ts'
import { verifySign } from '../src/trtc/sign.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The app whose key signed this event; set where `trtc-sign` is registered. */
    roomtapeSdkAppId: number
  }
}

export interface TrtcSignOptions {
  /** The callback key of an app, undefined when there is no such app. What it rejects with is passed on: then nobody can tell whose event it is. */
  callbackKey: (sdkAppId: number) => Promise<string | undefined>
  clock: Clock
  /** Longest distance of `CallbackTs` from now, either way: TRTC's retries of one minute and the difference of clocks. */
  maxAgeMs: number
}

const bodyLimitBytes = 64 * 1024
/** Stands for the key of an unknown app, so that refusing it takes as long as refusing a wrong signature. */
const noKey = 'unknown'

/**
 * For its scope: takes the body as bytes, whatever the content type, and parses it only after its `Sign` matched and it is fresh.
 * Freshness alone does not stop a copy sent within the window; who stores events drops duplicates.
 */
export default fp<TrtcSignOptions>(async (app, { callbackKey, clock, maxAgeMs }) => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: bodyLimitBytes }, async (_request: FastifyRequest, body: Buffer) => body)
  app.decorateRequest('roomtapeSdkAppId', 0)

  // Fastify refuses a type it cannot read before it looks for a parser
  app.addHook('onRequest', async ({ raw }) => { raw.headers['content-type'] = 'application/octet-stream' })

  app.addHook('preValidation', async (request) => {
    const sdkAppId = sdkAppIdOf(request.headers.sdkappid)
    const { sign } = request.headers
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    const key = await callbackKey(sdkAppId)
    const matches = verifySign(body, typeof sign === 'string' ? sign : '', key ?? noKey)
    if (!matches || key === undefined) throw new RoomtapeError('SIGNATURE_INVALID', 'Sign does not match the body under the callback key of this SdkAppId')

    request.body = parse(body)
    if (!isFresh(request.body, clock.now(), maxAgeMs)) throw new RoomtapeError('SIGNATURE_STALE', 'CallbackTs must be the present time in milliseconds')
    request.roomtapeSdkAppId = sdkAppId
  })
}, { name: 'roomtape-trtc-sign', fastify: '5.x' })

/** The app id of the header; 0, which is no app, for anything else. */
function sdkAppIdOf (header: string | string[] | undefined): number {
  return typeof header === 'string' && /^[1-9]\d{0,9}$/.test(header) ? Number(header) : 0
}

function parse (body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    // the parser's message quotes the body
    throw new RoomtapeError('BODY_MALFORMED', 'the body is not JSON')
  }
}
