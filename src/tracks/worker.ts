import { parentPort, workerData } from 'node:worker_threads'
import { systemClock, type Clock } from '../core/clock.ts'
import { messageOf, RoomtapeError } from '../core/errors.ts'
import { FragmentBuffers } from '../media/mp4-writer.ts'
import { roleCredentials } from '../stores/credentials.ts'
import { openStore } from '../stores/open-store.ts'
import { fingerprint } from '../stores/fingerprint.ts'
import { putSegment, type Destination } from '../upload/put-audio.ts'
import { memorySource } from '../stores/byte-source.ts'
import { Spool } from '../spool/spool.ts'
import { SpooledTrack } from '../upload/finished-track.ts'
import { Board, type Figures } from '../threads/stats.ts'
import { RtmpIngest } from '../rtmp/server/ingest.ts'
import { admit, LoadMeter } from './load-meter.ts'
import type { CallName, Calls, FromThread, StoreRequest, ThreadData, ToThread } from './messages.ts'
import { PacedLoop } from '../threads/paced-loop.ts'
import { SegmentUploads } from '../upload/live-segments.ts'
import { ThreadTracks } from './registry.ts'

if (parentPort === null) throw new Error('worker.ts is the entry point of a capture thread')
const port = parentPort
const data = workerData as ThreadData

/** Fragments of a stalled source are written at the latest so much after the second they are due in. */
const tickMs = 250
const checkTimeoutMs = 15_000
/** Between looks at the sockets, which is what a killed process loses on top of its unwritten fragments; */
const napMs = 100
/** while somebody is connecting, or segments are sent, which are a handful of round trips; */
const exchangeNapMs = 20
/** while calls are carried out and files begun, since storing a file is thousands of steps that each wait for the next look; */
const workingNapMs = 1
/** and so long after a connection was taken, since only one is taken at each look. */
const acceptingMs = 50
const reportEveryMs = 5_000
/** Of a segment while its track is written: patience is the queue's business. */
const liveUpload = { schedule: { attempts: 2, firstDelayMs: 250, maxDelayMs: 250 }, timeoutMs: 10_000 }

const stopping = new AbortController()
const spool = new Spool(data.spoolDir)
const role = roleCredentials({ env: process.env, clock: systemClock, metadataUrl: new URL('/latest/meta-data/cam/security-credentials/', data.metadataUrl).href })
/** Unix time that runs on when the wall clock is set: a step of it would look like a pause of every source. */
const arrivals: Clock = { now: () => Math.round(performance.timeOrigin + performance.now()) }
const ingest = new RtmpIngest({ host: data.rtmpHost, port: data.rtmpPort, clock: arrivals })
const tracks = new ThreadTracks({
  ingest,
  buffers: new FragmentBuffers(),
  openPart: async ({ recordingId, trackId, userId, fillGaps }, { part, startMs }) => {
    filesOpening++
    try {
      return await spool.create({ recordingId, trackId, userId, fillGaps, part, startMs })
    } finally {
      filesOpening--
    }
  },
  report: post,
  onSegment: (track, segment) => { uploads.add(track, segment) },
  now: () => arrivals.now()
})
const uploads = new SegmentUploads({
  open: (target) => {
    const store = openStore(target, { role, cos: liveUpload })
    return async ({ recordingId, trackId, segments: { keyFolder, format } }, segment, options) => {
      const path = spool.path({ recordingId, trackId, part: segment.part })
      return { ...await putSegment(path, segment, keyFolder, { store, format }, options), partial: false }
    }
  },
  report: post
})
const board = new Board(data.board)

let callsRunning = 0
/** Making a file is a dozen steps; with a long nap before each, a track would have nothing on the disk for its first seconds. */
let filesOpening = 0
let acceptedBefore = 0
let acceptedMs = -Infinity
const loop = new PacedLoop({
  bell: data.bell,
  napMs: () => {
    if (ingest.publishing === 0) return 0
    const nowMs = performance.now()
    if (ingest.accepted !== acceptedBefore) acceptedMs = nowMs
    acceptedBefore = ingest.accepted
    if (callsRunning > 0 || filesOpening > 0 || nowMs - acceptedMs < acceptingMs) return workingNapMs
    return ingest.opening > 0 || uploads.busy ? exchangeNapMs : napMs
  }
})

const calls: { [Name in CallName]: (request: Calls[Name]['request']) => Promise<Calls[Name]['result']> } = {
  open: async (spec) => {
    admit(figures)
    tracks.open(spec)
    figures.tracks++
    figures.load += figures.trackLoad // until the next tick; the pool places the next one by it
    board.write(figures)
    return null
  },
  expect: async ({ trackId, key }) => { tracks.expect(trackId, key); return null },
  release: async ({ trackId }) => { tracks.release(trackId); return null },
  pause: async ({ trackId, paused }) => { tracks.pause(trackId, paused); return null },
  finish: async ({ trackId }) => {
    await tracks.finish(trackId)
    uploads.drop(trackId)
    return null
  },
  store: ({ keyStem, ...request }) => new SpooledTrack(spool, request).storeFiles(keyStem, destination(request), { signal: stopping.signal }),
  storeSegments: ({ keyFolder, noted, ...request }) => {
    return new SpooledTrack(spool, request).storeSegments(keyFolder, noted, destination(request), { signal: stopping.signal })
  },
  discard: async ({ recordingId, trackId, parts }) => {
    for (const part of parts) await spool.remove({ recordingId, trackId, part })
    return null
  },
  leftovers: async () => {
    const keys = await Promise.all((await spool.recordings()).map((recordingId) => spool.list(recordingId)))
    return keys.flat().map(({ recordingId, trackId }) => ({ recordingId, trackId }))
  },
  put: async ({ target, key, bytes, contentType }) => {
    const { signal } = stopping
    const source = memorySource(bytes)
    return openStore(target, { role }).putFile(key, source, await fingerprint(source, { signal }), { contentType, signal })
  },
  check: async ({ target }) => {
    await openStore(target, { role }).check({ signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(checkTimeoutMs)]) })
    return null
  }
}

function destination ({ target, format }: Pick<StoreRequest, 'target' | 'format'>): Destination {
  return { store: openStore(target, { role }), format }
}

/** How long the thread's loop has been busy: neither waiting for anything nor napping. */
function busyMs (): number {
  return performance.eventLoopUtilization().active - loop.nappedMs
}

function measured (): Omit<Figures, 'beats'> {
  const { connections, publishing, framesTotal, frameBytesTotal, droppedFramesTotal } = ingest.stats()
  const { due, ...ofTracks } = tracks.figures(arrivals.now())
  meter.measure({ nowMs: performance.now(), busyMs: busyMs(), publishing })
  const load = meter.expected({ publishing, due })
  return { load, trackLoad: meter.trackLoad, connections, publishing, framesTotal, frameBytesTotal, droppedFramesTotal, ...ofTracks }
}

function tick (): void {
  tracks.tick(arrivals.now())
  figures = measured()
  board.write(figures)
  board.beat()
  if (!stopping.signal.aborted) loop.resume()
}

let refusedBefore: Record<string, number> = {}

function reportRefused (): void {
  const refused: Record<string, number> = { ...ingest.stats().refusedTotal }
  const counts = Object.entries(refused).map(([reason, total]) => [reason, total - (refusedBefore[reason] ?? 0)] as const).filter(([, count]) => count > 0)
  refusedBefore = refused
  if (counts.length > 0) post({ type: 'refused', counts: Object.fromEntries(counts) })
}

async function answer ({ id, name, request }: Extract<ToThread, { type: 'call' }>): Promise<void> {
  callsRunning++
  try {
    post({ type: 'done', id, result: await calls[name](request as never) })
  } catch (error) {
    post({ type: 'failed', id, error: { name: error instanceof RoomtapeError ? error.error : 'INTERNAL', message: messageOf(error) } })
  } finally {
    callsRunning--
  }
}

async function stop (): Promise<void> {
  stopping.abort(new RoomtapeError('UNAVAILABLE', 'the gateway is stopping'))
  loop.stop()
  await tracks.finishAll()
  await uploads.close()
  await ingest.close()
  clearInterval(ticking)
  clearInterval(reporting)
  port.close()
}

function post (message: FromThread): void {
  port.postMessage(message)
}

const rtmpPort = await ingest.listen()
const meter = new LoadMeter({ nowMs: performance.now(), busyMs: busyMs(), publishing: 0 })
let figures = measured()
board.beat()
const ticking = setInterval(tick, tickMs)
const reporting = setInterval(reportRefused, reportEveryMs)
port.on('message', (message: ToThread) => {
  switch (message.type) {
    case 'call': void answer(message); break
    case 'stop': void stop(); break
    default: message satisfies never
  }
})
post({ type: 'ready', rtmpPort })
