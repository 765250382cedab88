import swagger from '@fastify/swagger'
import fp from 'fastify-plugin'

interface OpenapiOptions {
  /** The product's version. */
  version: string
  /** What is sent to others, by its name. */
  webhooks?: Record<string, object>
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Makes the OpenAPI document. */
    roomtapeOpenapi: FastifyInstance['swagger']
  }
}

/** OpenAPI 3.1 of every route registered after it, at `/openapi.json`. */
export default fp<OpenapiOptions>(async (app, { version, webhooks = {} }) => {
  await app.register(swagger, {
    decorator: 'roomtapeOpenapi',
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Roomtape',
        description: 'Records each speaker of a TRTC room as a track of its own.',
        version
      },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'An API key, `rt_live_…`; below `/operator` the ADMIN_TOKEN.' } } },
      security: [{ bearer: [] }],
      webhooks
    }
  })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.roomtapeOpenapi())
}, { name: 'roomtape-openapi', fastify: '5.x' })
