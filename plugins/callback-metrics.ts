import type { EventEmitter } from 'node:events'
import fp from 'fastify-plugin'
import { Counter, Gauge, Histogram } from 'prom-client'

interface MeasuredAttempt { result: string, class: string, attemptSeconds?: number, deliverySeconds?: number }

type Value = [labels: Record<string, string>, value: number]

interface CallbackFigures { pending: number, oldestPendingMs: number, disabled: Record<string, number> }

export interface CallbackMetricsOptions {
  /** Emits attempts to deliver a callback, and deliveries that became dead. */
  callbackMeasures: EventEmitter<{ attempt: [MeasuredAttempt], dead: [{ reason: string, count: number }] }>
  /** Called at each scrape; while it rejects these figures are left out. */
  callbackFigures: () => Promise<CallbackFigures>
}

const attemptSeconds = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 15]
/** From an event to its delivery: seconds while all is well, up to three days. */
const deliverySeconds = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300, 3_600, 21_600, 86_400, 259_200]

/** Measures callbacks. Register it after the metrics plugin. */
export default fp<CallbackMetricsOptions>(async (app, { callbackMeasures, callbackFigures }) => {
  const registers = [app.roomtapeMetrics]
  const attempts = new Counter({
    name: 'roomtape_webhook_attempts_total', help: 'Attempts to deliver a callback, by what became of it and what answered', labelNames: ['result', 'class'], registers
  })
  const dead = new Counter({ name: 'roomtape_webhook_dead_total', help: 'Deliveries that were given up, by the last reason', labelNames: ['reason'], registers })
  const attempt = new Histogram({ name: 'roomtape_webhook_attempt_seconds', help: 'Time of an attempt', buckets: attemptSeconds, registers })
  const delivery = new Histogram({
    name: 'roomtape_webhook_delivery_seconds', help: 'From an event to its first successful delivery, for each endpoint', buckets: deliverySeconds, registers
  })
  callbackMeasures.on('attempt', (each) => {
    attempts.inc({ result: each.result, class: each.class })
    if (each.attemptSeconds !== undefined) attempt.observe(each.attemptSeconds)
    if (each.deliverySeconds !== undefined) delivery.observe(each.deliverySeconds)
  })
  callbackMeasures.on('dead', ({ reason, count }) => { dead.inc({ reason }, count) })

  let asked: ReturnType<typeof read> | undefined
  const read = async (): Promise<CallbackFigures | undefined> => callbackFigures().catch((err: unknown) => {
    app.log.warn({ err }, 'figures of callbacks not read')
    return undefined
  })
  gauge('roomtape_webhook_pending', 'Deliveries that wait or are under way', [], ({ pending }) => [[{}, pending]])
  gauge('roomtape_webhook_oldest_pending_seconds', 'Age of the oldest of them', [], ({ oldestPendingMs }) => [[{}, oldestPendingMs / 1_000]])
  gauge('roomtape_endpoints_disabled', 'Endpoints that are sent nothing, by why', ['reason'],
    ({ disabled }) => Object.entries(disabled).map(([reason, count]) => [{ reason }, count]))

  /** One look at the database for all gauges of a scrape, and none of what was before when it is away. */
  function gauge (name: string, help: string, labelNames: string[], values: (figures: CallbackFigures) => Value[]): void {
    const collect = async (): Promise<void> => {
      const figures = await (asked ??= read().finally(() => { asked = undefined }))
      gauge.reset()
      // One without labels is 0 after a reset
      if (figures === undefined && labelNames.length === 0) gauge.remove()
      for (const [labels, value] of figures === undefined ? [] : values(figures)) gauge.set(labels, value)
    }
    const gauge = new Gauge({ name, help, labelNames, registers, collect })
  }
}, { name: 'roomtape-callback-metrics', fastify: '5.x', dependencies: ['roomtape-metrics'] })
