import { parentPort, workerData } from 'node:worker_threads'
import { systemClock, type Clock } from '../core/clock.ts'
import { messageOf, RoomtapeError } from '../core/errors.ts'
import type { StoreTarget } from '../core/store-target.ts'
import { FragmentBuffers } from '../media/mp4-writer.ts'
import { roleCredentials } from '../storage/credentials.ts'
import { fingerprint } from '../storage/fingerprint.ts'
import { openStore } from '../storage/index.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { memorySource, openSource } from '../storage/source.ts'
import { Spool } from '../storage/spool.ts'
import { Board, type Figures } from './board.ts'
import { RtmpIngest } from './engines/relay/ingest.ts'
import { admit, LoadMeter } from './load-meter.ts'
import type { CallName, Calls, FromThread, StoreRequest, ThreadData, ToThread } from './messages.ts'
import type { StoredFile } from './stored-file.ts'
import { PacedLoop } from './paced-loop.ts'
import { ThreadTracks } from './thread-tracks.ts'

if (parentPort === null) throw new Error('worker.ts is the entry point of a capture thread')
const port = parentPort
const data = workerData as ThreadData

/** Fragments of a stalled source are written at the latest so much after the second they are due in. */
const tickMs = 250
const checkTimeoutMs = 15_000
/** Between looks at the sockets, which is what a killed process loses on top of its unwritten fragments; */
const napMs = 100
/** while somebody is connecting, which is three round trips before audio may come; */
const openingNapMs = 20
/** while calls are carried out, since storing a file is thousands of steps that each wait for the next look; */
const workingNapMs = 1
/** and so long after a connection was taken, since only one is taken at each look. */
const acceptingMs = 50
const reportEveryMs = 5_000
/** At 500 kbit/s, the most TRTC relays. */
const secondOfAudioBytes = 64 * 1024

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
  now: () => arrivals.now()
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
    return ingest.opening > 0 ? openingNapMs : napMs
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
  finish: async ({ trackId }) => { await tracks.finish(trackId); return null },
  store: storeTrack,
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
    return storeFor(target).putFile(key, source, await fingerprint(source, { signal }), { contentType, signal })
  },
  check: async ({ target }) => {
    await storeFor(target).check({ signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(checkTimeoutMs)]) })
    return null
  }
}

async function storeTrack ({ recordingId, trackId, target, keyStem }: StoreRequest): Promise<StoredFile[]> {
  const { signal } = stopping
  const store = storeFor(target)
  const stored: StoredFile[] = []
  for (const part of await partsOf(recordingId, trackId)) {
    const summary = await spool.salvage(part)
    if (summary === undefined) {
      // Not a second of audio: a file just begun. More than that is kept, for somebody to look at.
      if (await spool.bytes(part) < secondOfAudioBytes) await spool.remove(part)
      continue
    }
    await using source = await openSource(spool.path(part))
    const print = await fingerprint(source, { signal })
    const key = `${keyStem}${part.part === 1 ? '' : `-${part.part}`}.m4a`
    const { url } = await store.putFile(key, source, print, { contentType: 'audio/mp4', signal })
    stored.push({ ...summary, key, url, bytes: print.bytes, sha256: print.sha256 })
  }
  return stored
}

function storeFor (target: StoreTarget): ObjectStore {
  return openStore(target, { role })
}

async function partsOf (recordingId: string, trackId: string) {
  return (await spool.list(recordingId)).filter((key) => key.trackId === trackId)
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
