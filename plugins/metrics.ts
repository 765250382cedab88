import fp from 'fastify-plugin'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

/** Figures of one capture thread. All counters but `restarts` begin at 0 when another thread takes its place. */
interface ThreadFigures {
  thread: number
  up: boolean
  restarts: Record<string, number>
  load: number
  tracks: number
  connections: number
  publishing: number
  framesTotal: number
  frameBytesTotal: number
  droppedFramesTotal: number
  fragmentsWaiting: number
  tracksBehind: number
  lostMs: number
}

interface CaptureFigures {
  threads: ThreadFigures[]
  /** RTMP connections that were closed for what they did, by reason. */
  refusedConnections: Record<string, number>
  /** Tracks that no thread had room for. */
  refusedTracks: number
}

interface RelayFigures {
  sourcesWithoutPush: number
  unconfirmedMembers: number
  stopsWaiting: number
  blindMs: number
}

export interface MetricsOptions {
  /** Called at each scrape. */
  captureFigures: () => CaptureFigures
  /** Called at each scrape; while it rejects these figures are left out. */
  relayFigures: () => Promise<RelayFigures>
  /** Calls of TRTC's Cloud API: those that wait for their turn, and how often TRTC has refused one since there were too many. */
  callFigures: () => { waiting: number, refusedTotal: number }
  /** Events of rooms that the database could not have: those that wait in the event journal, all that came into it, and all that it could not have either. */
  eventFigures: () => { waiting: number, journaledTotal: number, turnedAwayTotal: number }
}

declare module 'fastify' {
  interface FastifyInstance {
    roomtapeMetrics: Registry
  }
}

type Count = [labels: Record<string, string | number>, count: number]
type ThreadMetrics = Record<string, [help: string, value: (figures: ThreadFigures) => number]>

const gauges = {
  roomtape_capture_thread_up: ['1 while the thread takes tracks', ({ up }) => Number(up)],
  roomtape_capture_thread_load_ratio: ['Share of its time a thread is busy with the tracks it has; it takes no more above 0.85', ({ load }) => load],
  roomtape_capture_tracks: ['Tracks that are open', ({ tracks }) => tracks],
  roomtape_capture_connections: ['RTMP connections', ({ connections }) => connections],
  roomtape_capture_publishers: ['RTMP connections that publish', ({ publishing }) => publishing],
  roomtape_capture_fragments_waiting: ['Fragments, about a second of a track each, that wait for the disk', ({ fragmentsWaiting }) => fragmentsWaiting],
  roomtape_capture_tracks_behind: ['Tracks with which the disk does not keep up', ({ tracksBehind }) => tracksBehind]
} as const satisfies ThreadMetrics

const counters = {
  roomtape_capture_frames_total: ['Audio frames received', ({ framesTotal }) => framesTotal],
  roomtape_capture_frame_bytes_total: ['Bytes of those frames', ({ frameBytesTotal }) => frameBytesTotal],
  roomtape_capture_frames_dropped_total: ['Frames that could not be used: video, other codecs, malformed', ({ droppedFramesTotal }) => droppedFramesTotal],
  roomtape_capture_overload_lost_seconds_total: ['Audio lost because the disk did not keep up', ({ lostMs }) => lostMs / 1_000]
} as const satisfies ThreadMetrics

const relayGauges = {
  roomtape_relay_sources_without_push: ['Sources of running recordings that were asked for and bring nothing', ({ sourcesWithoutPush }) => sourcesWithoutPush],
  roomtape_members_unconfirmed: ['Members of rooms who may be gone though no event said so', ({ unconfirmedMembers }) => unconfirmedMembers],
  roomtape_relay_stops_waiting: ['Relay tasks that have to end and are not known to have', ({ stopsWaiting }) => stopsWaiting],
  roomtape_recordings_blind_seconds: ['Time of running recordings in which events could not be heard', ({ blindMs }) => blindMs / 1_000]
} as const satisfies Record<string, [help: string, value: (figures: RelayFigures) => number]>

const requestSeconds = [0.005, 0.025, 0.1, 0.5, 2.5, 10]

/** Measures requests and capture threads; `app.roomtapeMetrics` has them all. Register it before the routes. */
export default fp<MetricsOptions>(async (app, { captureFigures, relayFigures, callFigures, eventFigures }) => {
  const registry = new Registry()
  app.decorate('roomtapeMetrics', registry)
  collectDefaultMetrics({ register: registry })

  const requests = new Histogram({
    name: 'roomtape_http_request_duration_seconds',
    help: 'Time to answer a request',
    labelNames: ['method', 'route', 'status'],
    buckets: requestSeconds,
    registers: [registry]
  })
  app.addHook('onResponse', async (request, reply) => {
    requests.observe({ method: request.method, route: request.routeOptions.url ?? 'none', status: reply.statusCode }, reply.elapsedTime / 1_000)
  })

  for (const [name, [help, value]] of Object.entries(gauges)) {
    const collect = (): void => { for (const figures of captureFigures().threads) gauge.set({ thread: figures.thread }, value(figures)) }
    const gauge = new Gauge({ name, help, labelNames: ['thread'], registers: [registry], collect })
  }
  for (const [name, [help, value]] of Object.entries(counters)) {
    counted(name, help, ['thread'], () => captureFigures().threads.map((figures) => [{ thread: figures.thread }, value(figures)]))
  }
  counted('roomtape_capture_thread_restarts_total', 'Threads that took the place of one that died, by what it died of', ['thread', 'reason'],
    () => captureFigures().threads.flatMap(({ thread, restarts }) => Object.entries(restarts).map(([reason, count]): Count => [{ thread, reason }, count])))
  counted('roomtape_capture_connections_refused_total', 'RTMP connections that were closed for what they did, by reason', ['reason'],
    () => Object.entries(captureFigures().refusedConnections).map(([reason, count]) => [{ reason }, count]))
  counted('roomtape_capture_tracks_refused_total', 'Tracks that no thread had room for; each try counts', [],
    () => [[{}, captureFigures().refusedTracks]])

  counted('roomtape_trtc_calls_refused_total', "Calls of TRTC's Cloud API that were refused since there were too many; they are made again", [],
    () => [[{}, callFigures().refusedTotal]])
  measured('roomtape_trtc_calls_waiting', "Calls of TRTC's Cloud API that wait for their turn", () => callFigures().waiting)
  counted('roomtape_events_journaled_total', 'Events of rooms that went into the event journal', [], () => [[{}, eventFigures().journaledTotal]])
  counted('roomtape_events_turned_away_total', 'Events of rooms that were left unanswered, as neither database nor event journal could have them', [],
    () => [[{}, eventFigures().turnedAwayTotal]])
  measured('roomtape_events_waiting', 'Events of rooms that wait in the event journal for the database', () => eventFigures().waiting)
  let asked: Promise<RelayFigures> | undefined
  for (const [name, [help, value]] of Object.entries(relayGauges)) {
    // One look at the database for all gauges of a scrape, and none of what was before when it is away.
    const collect = async (): Promise<void> => {
      gauge.reset()
      asked ??= relayFigures().finally(() => { asked = undefined })
      const figures = await asked.catch((err: unknown) => { app.log.warn({ err }, 'figures of relays not read') })
      if (figures !== undefined) gauge.set(value(figures))
      else gauge.remove()
    }
    const gauge = new Gauge({ name, help, registers: [registry], collect })
  }

  /** A gauge that is read at each scrape. */
  function measured (name: string, help: string, value: () => number): void {
    const collect = (): void => { gauge.set(value()) }
    const gauge = new Gauge({ name, help, registers: [registry], collect })
  }

  /** A counter whose values are counted elsewhere and read at each scrape. */
  function counted (name: string, help: string, labelNames: string[], counts: () => Count[]): void {
    const collect = (): void => {
      counter.reset()
      for (const [labels, count] of counts()) counter.inc(labels, count)
    }
    const counter = new Counter({ name, help, labelNames, registers: [registry], collect })
  }
}, { name: 'roomtape-metrics', fastify: '5.x' })
