import { createHash, timingSafeEqual } from 'node:crypto'
import fp from 'fastify-plugin'
import { RoomtapeError } from '../src/core/errors.ts'
import { bearerToken } from './auth.ts'

interface AdminAuthOptions {
  adminToken: string
}

/** Lets only the operator's bearer token into its scope. */
export default fp<AdminAuthOptions>(async (app, { adminToken }) => {
  // digests have one length, so the comparison tells nothing of the token's
  const expected = digest(adminToken)

  app.addHook('onRequest', async (request, reply) => {
    if (timingSafeEqual(digest(bearerToken(request.headers.authorization)), expected)) return
    reply.header('www-authenticate', 'Bearer realm="roomtape-operator", error="invalid_token"')
    throw new RoomtapeError('KEY_INVALID', "the operator's token is needed: Authorization: Bearer <ADMIN_TOKEN>")
  })
}, { name: 'admin-auth', fastify: '5.x' })

function digest (text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
