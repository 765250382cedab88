import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fastify from 'fastify'
import adminAuth from '../../../plugins/admin-auth.ts'
import callbackMetrics, { type CallbackMetricsOptions } from '../../../plugins/callback-metrics.ts'
import metrics from '../../../plugins/metrics.ts'
import problemDetails from '../../../plugins/problem-details.ts'
import { metricsRoutes } from '../../../src/routes/metrics.ts'
import { reports, source, spec, startPool, talkInNumbers } from '../../helpers/pool.ts'
import { closeAfter } from '../../helpers/scope.ts'

const tokens = ['operator-token-for-tests', 'scraper-token-for-tests']

const { pool, refused } = await startPool({ after })
const app = fastify()
app.register(problemDetails)
const relayFigures = { sourcesWithoutPush: 3, unconfirmedMembers: 2, stopsWaiting: 5, blindMs: 2_500 }
let isDatabaseAway = false
app.register(metrics, {
  captureFigures: () => pool.figures(),
  relayFigures: async () => {
    if (isDatabaseAway) throw new Error('the database is away')
    return relayFigures
  },
  callFigures: () => ({ waiting: 7, refusedTotal: 9 }),
  eventFigures: () => ({ waiting: 1, journaledTotal: 6, turnedAwayTotal: 4 })
})
const callbackMeasures: CallbackMetricsOptions['callbackMeasures'] = new EventEmitter()
app.register(callbackMetrics, {
  callbackMeasures,
  callbackFigures: async () => {
    if (isDatabaseAway) throw new Error('the database is away')
    return { pending: 11, oldestPendingMs: 1_500, disabled: { gone: 2 } }
  }
})
app.register(async (scope) => {
  scope.register(adminAuth, { tokens })
  scope.register(metricsRoutes)
})
closeAfter({ after }, () => app.close())
await app.ready()

function scrape (token = tokens[1]) {
  return app.inject({ url: '/metrics', headers: { authorization: `Bearer ${token}` } })
}

/** A sample's value. */
function sample (text: string, series: string): number {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `))
  assert.ok(line !== undefined, `no ${series}`)
  return Number(line.slice(series.length + 1))
}

test('a scrape tells of every thread, of what came and of what was refused', async () => {
  const { listener, until } = reports()
  await pool.open(spec('trk_1'), listener)
  const talk = await talkInNumbers((await pool.expect('trk_1', source('a-key-of-this-track'))).url)
  await talk.go(47)
  await until('live')
  await pool.release('trk_1')
  await assert.rejects(talkInNumbers(`rtmp://127.0.0.1:${new URL((await pool.expect('trk_1', source('another-key-of-this'))).url).port}/roomtape/a-key-of-nobody-here`))
  await refused

  const { body, headers } = await scrape()
  assert.match(String(headers['content-type']), /^text\/plain; version=0\.0\.4/)
  assert.deepEqual(['0', '1'].map((thread) => sample(body, `roomtape_capture_thread_up{thread="${thread}"}`)), [1, 1])
  assert.deepEqual(['0', '1'].map((thread) => sample(body, `roomtape_capture_tracks{thread="${thread}"}`)), [1, 0])
  const frames = sample(body, 'roomtape_capture_frames_total{thread="0"}')
  assert.ok(frames > 0 && frames <= talk.sent, `${frames} frames`)
  assert.equal(sample(body, 'roomtape_capture_frame_bytes_total{thread="0"}'), frames * 180)
  assert.equal(sample(body, 'roomtape_capture_connections_refused_total{reason="key"}'), 1)
  const load = sample(body, 'roomtape_capture_thread_load_ratio{thread="0"}')
  assert.ok(load > 0 && load < 1, `busy ${load} of the time`)
  assert.ok(sample(body, 'process_resident_memory_bytes') > 0)
})

test('requests are counted by their route, not by their path, so that nobody makes series at will', async () => {
  for (const path of ['/nothing', '/here']) await app.inject(path)
  await scrape('wrong')

  const { body } = await scrape()
  assert.equal(sample(body, 'roomtape_http_request_duration_seconds_count{method="GET",route="none",status="404"}'), 2)
  assert.equal(sample(body, 'roomtape_http_request_duration_seconds_count{method="GET",route="/metrics",status="401"}'), 1)
})

test('callbacks are measured as they are noted, and what waits at each scrape', async () => {
  callbackMeasures.emit('attempt', { result: 'delivered', class: '2xx', attemptSeconds: 0.02, deliverySeconds: 0.3 })
  callbackMeasures.emit('attempt', { result: 'dead', class: 'blocked' })
  callbackMeasures.emit('dead', { reason: 'blocked_target', count: 1 })
  callbackMeasures.emit('dead', { reason: 'gone', count: 4 })

  const { body } = await scrape()
  isDatabaseAway = true
  const away = await scrape()
  isDatabaseAway = false

  const series = [
    'webhook_attempts_total{result="delivered",class="2xx"}', 'webhook_attempts_total{result="dead",class="blocked"}', 'webhook_attempt_seconds_count',
    'webhook_delivery_seconds_bucket{le="0.25"}', 'webhook_delivery_seconds_bucket{le="0.5"}', 'webhook_dead_total{reason="gone"}',
    'webhook_pending', 'webhook_oldest_pending_seconds', 'endpoints_disabled{reason="gone"}'
  ]
  assert.deepEqual(series.map((each) => sample(body, `roomtape_${each}`)), [1, 1, 1, 0, 1, 4, 11, 1.5, 2])
  assert.equal(away.statusCode, 200)
  assert.doesNotMatch(away.body, /^roomtape_(webhook_pending|webhook_oldest_pending_seconds|endpoints_disabled)[ {]/m)
})

test('what is waited for is told of, and left out while the database is away', async () => {
  const names = [
    'relay_sources_without_push', 'members_unconfirmed', 'relay_stops_waiting', 'recordings_blind_seconds', 'trtc_calls_waiting', 'trtc_calls_refused_total',
    'events_waiting', 'events_journaled_total', 'events_turned_away_total'
  ]
  const { body } = await scrape()
  isDatabaseAway = true
  const away = await scrape()
  isDatabaseAway = false

  assert.deepEqual(names.map((name) => sample(body, `roomtape_${name}`)), [3, 2, 5, 2.5, 7, 9, 1, 6, 4])
  assert.equal(away.statusCode, 200)
  assert.doesNotMatch(away.body, /^roomtape_relay_stops_waiting /m)
  assert.equal(sample(away.body, 'roomtape_trtc_calls_waiting'), 7)
  assert.equal(sample((await scrape()).body, 'roomtape_relay_stops_waiting'), 5)
})

test('the metrics are for who has a token', async () => {
  assert.deepEqual(await Promise.all([...tokens, 'wrong'].map(async (token) => (await scrape(token)).statusCode)), [200, 200, 401])
  assert.equal((await app.inject('/metrics')).statusCode, 401)
})

test('docs/operations.md has every metric of ours with its type and labels, and no other', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/operations.md'), 'utf8')

  const rows = [...page.matchAll(/^\| `(roomtape_[a-z_]+)` \| (\w+) \|([^|]*)\| \S.* \|$/gm)]
  const written = rows.map(([, name, type, labels = '']) => [name, type, [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label)])
  const measured = app.roomtapeMetrics.getMetricsAsArray().filter(({ name }) => name.startsWith('roomtape_'))
    .map((metric) => [metric.name, metric.type, (metric as unknown as { labelNames: string[] }).labelNames])

  assert.deepEqual(written.toSorted(), measured.toSorted())
})
