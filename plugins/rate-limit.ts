import rateLimit, { normalizeIP } from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { ProblemError } from './problem-details.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether the request is refused because of failed logins from its address; the answer's headers say so. */
    roomtapeFailedLogins: boolean
  }
}

export interface RateLimitOptions {
  /** GET and HEAD requests of each API key, or of each address where there are no keys. */
  readsPerMinute: number
  /** Requests by any other method, of each API key or address. */
  writesPerMinute: number
  /** Answers with 401 to each address (IPv6: to each /64); after them all its requests are refused until the minute is over. */
  failedLoginsPerMinute: number
}

const windowSeconds = 60

/**
 * Rate limits for its scope. Register it before the plugin that knows the caller: failed logins are counted in front of that, requests
 * behind it. Windows are fixed, start with the first request and live in this process.
 */
export default fp<RateLimitOptions>(async (app, { readsPerMinute, writesPerMinute, failedLoginsPerMinute }) => {
  if (app.hasPlugin('roomtape-auth') || app.hasPlugin('roomtape-admin-auth')) throw new Error('rate-limit must be registered before auth and admin-auth')
  const limits = { read: readsPerMinute, write: writesPerMinute }

  // Not by `register`: an application around us may have @fastify/rate-limit too, and where it finds its decorators it leaves them, with their limits.
  const limiters = Object.create(app, { hasDecorator: { value: () => false } }) as FastifyInstance
  rateLimit(limiters, {
    global: false,
    timeWindow: windowSeconds * 1_000,
    cache: 50_000,
    keyGenerator: (request) => `${policyOf(request)} ${callerOf(request)}`,
    max: (request) => limits[policyOf(request)],
    errorResponseBuilder: (request, { ttl }) => exceeded(policyOf(request), Math.ceil(ttl / 1_000))
  }, () => undefined)

  const countRequest = limiters.rateLimit()
  // after every onRequest, so that the caller is known, and before the body is read
  app.addHook('preParsing', async (request, reply) => { await countRequest.call(app, request, reply) })

  const countFailedLogin = limiters.createRateLimit({
    max: failedLoginsPerMinute,
    timeWindow: windowSeconds * 1_000,
    keyGenerator: (request) => normalizeIP(request.ip)
  })
  app.decorateRequest('roomtapeFailedLogins', false)
  app.addHook('onRequest', async (request, reply) => {
    const logins = await countFailedLogin(request, { increment: false })
    if (logins.isAllowed || logins.remaining > 0) return
    reply.headers({
      'x-ratelimit-limit': failedLoginsPerMinute,
      'x-ratelimit-remaining': 0,
      'x-ratelimit-reset': logins.ttlInSeconds,
      'retry-after': logins.ttlInSeconds
    })
    request.roomtapeFailedLogins = true
    throw exceeded('failed-logins', logins.ttlInSeconds)
  })

  app.addHook('onSend', async (request, reply) => {
    if (reply.statusCode === 401) await countFailedLogin(request)
    addPolicyHeaders(reply, request.roomtapeFailedLogins ? 'failed-logins' : policyOf(request))
  })
}, { name: 'roomtape-rate-limit', fastify: '5.x' })

function policyOf ({ method }: FastifyRequest): 'read' | 'write' {
  return method === 'GET' || method === 'HEAD' ? 'read' : 'write'
}

function callerOf (request: FastifyRequest): string {
  const { roomtapeTenant } = request as { roomtapeTenant?: { keyId: string } }
  return roomtapeTenant?.keyId ?? normalizeIP(request.ip)
}

function exceeded (policy: string, seconds: number): ProblemError {
  return new ProblemError('RATE_LIMITED', `too many requests; try again in ${seconds} s`, {
    type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
    'violated-policies': [policy]
  })
}

/** What the plugin said in its own headers, in the form of the IETF draft (draft-ietf-httpapi-ratelimit-headers-10). */
function addPolicyHeaders (reply: FastifyReply, policy: string): void {
  const [quota, remaining, seconds] = ['limit', 'remaining', 'reset'].map((name) => reply.getHeader(`x-ratelimit-${name}`))
  if (quota === undefined || remaining === undefined || seconds === undefined) return
  reply.header('RateLimit-Policy', `"${policy}";q=${String(quota)};w=${windowSeconds}`)
  reply.header('RateLimit', `"${policy}";r=${String(remaining)};t=${String(seconds)}`)
}
