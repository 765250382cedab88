import { Ajv } from 'ajv'
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import adminAuth from '../plugins/admin-auth.ts'
import auth, { type AuthOptions } from '../plugins/auth.ts'
import callbackMetrics, { type CallbackMetricsOptions } from '../plugins/callback-metrics.ts'
import idempotency from '../plugins/idempotency.ts'
import jsonBody from '../plugins/json-body.ts'
import metrics, { type MetricsOptions } from '../plugins/metrics.ts'
import openapi from '../plugins/openapi.ts'
import problemDetails, { sendProblem } from '../plugins/problem-details.ts'
import rateLimit, { type RateLimitOptions } from '../plugins/rate-limit.ts'
import trtcSign, { type TrtcSignOptions } from '../plugins/trtc-sign.ts'
import { appRoutes, type AppRoutesOptions } from './routes/apps.ts'
import { deliveryRoutes, type DeliveryRoutesOptions } from './routes/deliveries.ts'
import { endpointCallRoutes, type EndpointCallRoutesOptions } from './routes/endpoint-calls.ts'
import { endpointRoutes, type EndpointRoutesOptions } from './routes/endpoints.ts'
import { eventRoutes, type EventRoutesOptions } from './routes/events.ts'
import { healthRoutes, type HealthOptions } from './routes/health.ts'
import { keyRoutes, type KeyRoutesOptions } from './routes/keys.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { recordingRoutes, type RecordingRoutesOptions } from './routes/recordings.ts'
import { spoolRoutes, type SpoolRoutesOptions } from './routes/spools.ts'
import { roleStoreRoutes, type RoleStoreRoutesOptions } from './routes/role-stores.ts'
import { tenantRoutes, type TenantRoutesOptions } from './routes/tenants.ts'
import { trtcEventRoutes, type TrtcEventsOptions } from './routes/trtc-events.ts'
import { webhooks } from './routes/webhooks.ts'

export interface AppParts extends HealthOptions, AuthOptions, RecordingRoutesOptions, TrtcEventsOptions, TenantRoutesOptions, KeyRoutesOptions,
  AppRoutesOptions, SpoolRoutesOptions, RoleStoreRoutesOptions, TrtcSignOptions, MetricsOptions, EndpointRoutesOptions, EndpointCallRoutesOptions,
  DeliveryRoutesOptions, EventRoutesOptions, CallbackMetricsOptions {
  log: FastifyBaseLogger
  version: string
  adminToken: string
  /** Lets into /metrics and nowhere else. */
  metricsToken: string | undefined
  limits: RateLimitOptions
  trustedProxies: string[]
  sender: EndpointRoutesOptions['sender'] & DeliveryRoutesOptions['sender']
  sessions: RecordingRoutesOptions['sessions'] & SpoolRoutesOptions['sessions']
  lease: HealthOptions['lease'] & TrtcEventsOptions['lease']
  intake: HealthOptions['intake'] & TrtcEventsOptions['intake']
  spools: SpoolRoutesOptions['spools'] & HealthOptions['spools']
}

const bodyLimitBytes = 64 * 1024

/** The HTTP side: who may come in where, and what there is. */
export function buildApp (parts: AppParts): FastifyInstance {
  const { adminToken, metricsToken } = parts
  const app = fastify({
    loggerInstance: parts.log,
    bodyLimit: bodyLimitBytes,
    // Nobody knows whether TRTC sends an event again that was answered with 503.
    return503OnClosing: false,
    trustProxy: parts.trustedProxies.length > 0 ? parts.trustedProxies : false,
    frameworkErrors: sendProblem,
    // Failures are logged by problem-details, changes of state by who makes them.
    logController: new LogController({ disableRequestLogging: true })
  })
  app.setValidatorCompiler(({ schema, httpPart }) => (httpPart === 'body' ? bodies : addresses).compile(schema))
  app.register(problemDetails)
  app.register(jsonBody)
  app.register(metrics, parts)
  app.register(callbackMetrics, parts)
  app.register(openapi, { version: parts.version, webhooks })
  app.register(healthRoutes, parts)
  app.register(async (trtc) => {
    trtc.register(trtcSign, parts)
    trtc.register(trtcEventRoutes, parts)
  }, { prefix: '/trtc' })
  app.register(async (business) => {
    business.register(rateLimit, parts.limits)
    business.register(auth, parts)
    business.register(idempotency, parts)
    business.register(recordingRoutes, parts)
    business.register(endpointRoutes, parts)
    business.register(endpointCallRoutes, parts)
    business.register(deliveryRoutes, parts)
    business.register(eventRoutes, parts)
  }, { prefix: '/v1' })
  app.register(async (operator) => {
    operator.register(rateLimit, parts.limits)
    operator.register(adminAuth, { tokens: [adminToken] })
    operator.register(tenantRoutes, parts)
    operator.register(keyRoutes, parts)
    operator.register(appRoutes, parts)
    operator.register(spoolRoutes, parts)
    operator.register(roleStoreRoutes, parts)
  }, { prefix: '/operator' })
  app.register(async (scrape) => {
    scrape.register(rateLimit, parts.limits)
    scrape.register(adminAuth, { tokens: metricsToken === undefined ? [adminToken] : [adminToken, metricsToken] })
    scrape.register(metricsRoutes)
  })
  return app
}

/** JSON has types of its own; queries and paths are text, and become what the schema says. */
const bodies = new Ajv({ allErrors: true, strict: false })
const addresses = new Ajv({ coerceTypes: true, useDefaults: true, strict: false })
