import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Clock } from '../src/core/clock.ts'
import { RoomtapeError } from '../src/core/errors.ts'
import type { Seal } from '../src/core/seal.ts'
import type { Connection } from '../src/state/database.ts'
import { claimIdempotencyKey, keepAnswer, releaseIdempotencyKey, type IdempotencyScope } from '../src/state/idempotency-keys.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The key this request has claimed, until it is answered. */
    roomtapeIdempotency: IdempotencyScope | undefined
    /** Digest of the body as it came, for a request with a key. */
    roomtapeFingerprint: string | undefined
  }
  interface FastifyContextConfig {
    /** Answers of this route hold a secret, and are kept sealed. */
    roomtapeSecretAnswer?: boolean
  }
}

interface IdempotencyOptions {
  kysely: Connection
  clock: Clock
  seal: Seal
}

const unansweredMs = 60_000
const answeredMs = 86_400_000
const keptHeaders = ['content-type', 'location', 'etag', 'x-scf-reqid']

/**
 * `Idempotency-Key`: the same request again within a day gets the answer of the one that succeeded, with `Idempotent-Replayed: true`. A refusal
 * is not kept: whoever was refused may heal the cause and ask again.
 * Register it after `auth`; requests without the header pass. The key may stand in quotes, as the IETF draft has it.
 */
export default fp<IdempotencyOptions>(async (app, { kysely, clock, seal }) => {
  app.decorateRequest('roomtapeIdempotency', undefined)
  app.decorateRequest('roomtapeFingerprint', undefined)

  // Of the body as it came, and so the same after an upgrade, whatever routes read into it.
  app.addHook('preValidation', async (request) => {
    if (givenKey(request) === undefined || request.method === 'GET') return
    request.roomtapeFingerprint = createHash('sha256').update(canonical(request.body)).digest('hex')
  })

  app.addHook('preHandler', async (request, reply) => {
    const key = givenKey(request)
    const { roomtapeFingerprint: fingerprint } = request
    if (key === undefined || fingerprint === undefined) return
    const scope = { tenantId: request.roomtapeTenant.id, route: `${request.method} ${request.url}`, key }
    const nowMs = clock.now()
    const claim = await claimIdempotencyKey(kysely, scope, {
      fingerprint,
      nowMs,
      expiry: { unansweredMs: nowMs - unansweredMs, answeredMs: nowMs - answeredMs }
    })
    switch (claim.outcome) {
      case 'claimed':
        request.roomtapeIdempotency = scope
        return
      case 'running':
        reply.header('retry-after', 1)
        throw new RoomtapeError('IDEMPOTENCY_RUNNING', 'a request with this Idempotency-Key is still running')
      case 'mismatch':
        throw new RoomtapeError('IDEMPOTENCY_MISMATCH', 'this Idempotency-Key was used for another request')
      case 'answered': {
        const { status, headers, body } = claim.answer
        const text = request.routeOptions.config.roomtapeSecretAnswer === true ? seal.open(body, answerContext(scope)) : body
        return reply.code(status).headers(headers).header('idempotent-replayed', 'true').send(text)
      }
      default:
        claim satisfies never
    }
  })

  app.addHook('onSend', async (request, reply, payload) => {
    const scope = request.roomtapeIdempotency
    if (scope === undefined) return
    request.roomtapeIdempotency = undefined
    const status = reply.statusCode
    if (status < 200 || status >= 300 || typeof payload !== 'string') {
      await releaseIdempotencyKey(kysely, scope)
      return
    }
    const headers = keptHeaders.flatMap((name) => {
      const value = reply.getHeader(name)
      return value === undefined ? [] : [[name, String(value)] as const]
    })
    const body = request.routeOptions.config.roomtapeSecretAnswer === true ? seal.seal(payload, answerContext(scope)) : payload
    await keepAnswer(kysely, scope, { status, headers: Object.fromEntries(headers), body })
  })
}, { name: 'roomtape-idempotency', fastify: '5.x', dependencies: ['roomtape-auth'] })

function answerContext ({ tenantId, route, key }: IdempotencyScope): string {
  return `tenant:${tenantId}:answer:${route}:${key}`
}

function givenKey ({ headers }: FastifyRequest): string | undefined {
  const given = headers['idempotency-key']
  if (given === undefined) return undefined
  const key = typeof given === 'string' ? given.replace(/^"(.*)"$/, '$1') : ''
  if (!/^[!-~]{1,255}$/.test(key)) throw new RoomtapeError('VALIDATION', 'Idempotency-Key must be 1 to 255 printable ASCII characters')
  return key
}

/** The same JSON whatever the order of its members. */
function canonical (value: unknown): string {
  return JSON.stringify(value ?? null, (_key, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => a < b ? -1 : 1))
  })
}
