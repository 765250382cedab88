import { createHash, timingSafeEqual } from 'node:crypto'
import fp from 'fastify-plugin'
import { RoomtapeError } from '../src/core/errors.ts'
import { bearerToken } from './auth.ts'

interface AdminAuthOptions {
  /** Tokens that are let in, each by itself. */
  tokens: string[]
}

/** Lets only an operator's bearer token into its scope. */
export default fp<AdminAuthOptions>(async (app, { tokens }) => {
  // digests have one length, so the comparison tells nothing of the token's
  const expected = tokens.map(digest)

  app.addHook('onRequest', async (request, reply) => {
    const given = digest(bearerToken(request.headers.authorization))
    if (expected.some((each) => timingSafeEqual(given, each))) return
    await request.roomtapeLoginFailed?.(reply, undefined)
    reply.header('www-authenticate', 'Bearer realm="roomtape-operator", error="invalid_token"')
    throw new RoomtapeError('KEY_INVALID', "the operator's token is needed: Authorization: Bearer <ADMIN_TOKEN>")
  })
}, { name: 'roomtape-admin-auth', fastify: '5.x' })

function digest (text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
