import type { FastifyInstance } from 'fastify'

/** `/metrics`: this node's figures, in the text format of Prometheus. */
export async function metricsRoutes (app: FastifyInstance): Promise<void> {
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    reply.type(app.roomtapeMetrics.contentType)
    return app.roomtapeMetrics.metrics()
  })
}
