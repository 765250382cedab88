import rateLimit, { normalizeIP } from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { ProblemError } from './problem-details.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Counts a failed login, by address and by the id of the key that was given, if it has one. Set where `rate-limit` is registered.
     * @throws ProblemError RATE_LIMITED when there were too many of either; whoever brings a valid key never asks
     */
    roomtapeLoginFailed?: (reply: FastifyReply, keyId: string | undefined) => Promise<void>
    /** Whether the request is refused because of failed logins; the answer's headers say so. */
    roomtapeFailedLogins: boolean
    roomtapeFailedKeyId: string | undefined
  }
}

export interface RateLimitOptions {
  /** GET and HEAD requests of each API key, or of each address where there are no keys. */
  readsPerMinute: number
  /** Requests by any other method, of each API key or address. */
  writesPerMinute: number
  /** Answers with 401 to each address (IPv6: to each /64), and for each key id; bad keys after them are refused until the minute is over. */
  failedLoginsPerMinute: number
}

const windowSeconds = 60

/**
 * Rate limits for its scope. Register it before the plugin that knows the caller, which has failed logins counted; requests are counted behind it.
 * A valid key always passes, whatever others do from its address. Windows are fixed, start with the first request and live in this process.
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

  const failedLogins = { max: failedLoginsPerMinute, timeWindow: windowSeconds * 1_000 }
  const counters = [
    limiters.createRateLimit({ ...failedLogins, keyGenerator: (request) => normalizeIP(request.ip) }),
    limiters.createRateLimit({ ...failedLogins, keyGenerator: ({ roomtapeFailedKeyId = '' }) => roomtapeFailedKeyId })
  ]
  app.decorateRequest('roomtapeFailedLogins', false)
  app.decorateRequest('roomtapeFailedKeyId', undefined)
  app.decorateRequest('roomtapeLoginFailed', async function (reply, keyId) {
    this.roomtapeFailedKeyId = keyId
    for (const count of keyId === undefined ? counters.slice(0, 1) : counters) {
      const logins = await count(this)
      if (logins.isAllowed || !logins.isExceeded) continue
      reply.headers({
        'x-ratelimit-limit': failedLoginsPerMinute,
        'x-ratelimit-remaining': 0,
        'x-ratelimit-reset': logins.ttlInSeconds,
        'retry-after': logins.ttlInSeconds
      })
      this.roomtapeFailedLogins = true
      throw exceeded('failed-logins', logins.ttlInSeconds)
    }
  })

  let hasWarned = false
  app.addHook('onRequest', async (request) => {
    // `ips` is there when a proxy is trusted.
    if (hasWarned || request.ips !== undefined || request.headers['x-forwarded-for'] === undefined) return
    hasWarned = true
    request.log.warn('requests come with X-Forwarded-For, and no proxy is trusted: all callers behind one count as one, see TRUSTED_PROXIES')
  })

  app.addHook('onSend', async (request, reply) => {
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
