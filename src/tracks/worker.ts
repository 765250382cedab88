import { parentPort, workerData } from 'node:worker_threads'
import { monotonicMs, systemClock, type Clock } from '../core/clock.ts'
import { RoomtapeError } from '../core/errors.ts'
import { FragmentBuffers } from '../media/mp4-writer.ts'
import { RtmpIngest } from '../rtmp/server/ingest.ts'
import { retry } from '../core/retry.ts'
import { SpoolDirectory } from '../spool/directory.ts'
import { createSpoolFile } from '../spool/writer.ts'
import { byteSourceOf } from '../stores/byte-source.ts'
import { roleCredentials } from '../stores/role-credentials.ts'
import { fingerprint } from '../stores/fingerprint.ts'
import { openStore } from '../stores/open-store.ts'
import { CallAnswerer } from '../threads/answer-calls.ts'
import { napFor } from '../threads/nap-policy.ts'
import { PacedLoop } from '../threads/paced-loop.ts'
import type { ThreadMemory } from '../threads/protocol.ts'
import { Stats } from '../threads/stats.ts'
import { FinishedTrack } from '../upload/finished-track.ts'
import { LiveSegments } from '../upload/live-segments.ts'
import { putSegment, type Destination } from '../upload/put-audio.ts'
import { EarlierFiles } from './earlier-files.ts'
import { figures, type Figures } from './figures.ts'
import { admit, LoadMeter } from './load-meter.ts'
import type { Calls, CaptureData, CaptureReady, CaptureReport, UploadRequest } from './messages.ts'
import { TrackRegistry } from './registry.ts'

if (parentPort === null) throw new Error('worker.ts is the entry point of a capture thread')
const port = parentPort
const data = workerData as CaptureData & ThreadMemory

/** How often tracks are looked at: fragments of a stalled source are written at the latest so much after the second they are due in. */
const tickMs = 250
const checkTimeoutMs = 15_000
const reportEveryMs = 5_000
/** How long the thread stays for what is under way when it stops, such as giving up an upload in parts. Nothing of it is needed. */
const lingerMs = 2_500
/** How often the port of the thread before is tried: some two seconds. */
const formerPortTries = { attempts: 8, firstDelayMs: 100, maxDelayMs: 500 }
/** How a segment is uploaded while its track is written: patience is the queue's business. */
const liveUpload = { schedule: { attempts: 2, firstDelayMs: 250, maxDelayMs: 250 }, timeoutMs: 10_000 }

const main = new CallAnswerer<Calls, CaptureReady, CaptureReport>(port)
const report = (what: CaptureReport): void => { main.report(what) }
const stopping = new AbortController()
const spool = new SpoolDirectory(data.spoolDir)
const role = roleCredentials({ env: process.env, clock: systemClock, metadataUrl: new URL('/latest/meta-data/cam/security-credentials/', data.metadataUrl).href })
/** The clock of arrivals. A wall clock that is set would look like a pause of every source. */
const monotonic: Clock = { now: () => Math.round(monotonicMs()) }
const ingest = new RtmpIngest({ host: data.rtmpHost, port: data.rtmpPort, clock: monotonic })
/** Making a file is a dozen steps; with a long nap before each, a track would have nothing on the disk for its first seconds. */
let filesOpening = 0
const earlierFiles = new EarlierFiles(spool)
const tracks = new TrackRegistry({
  ingest,
  earlierFiles,
  buffers: new FragmentBuffers(),
  openFile: async ({ recordingId, trackId, userId, fillGaps }, start) => {
    filesOpening++
    try {
      return await createSpoolFile(spool, { recordingId, trackId, userId, fillGaps, ...start })
    } finally {
      filesOpening--
    }
  },
  report,
  onSegment: (track, segment) => { liveSegments.add(track, segment) },
  monotonicMs: () => monotonic.now()
})
const liveSegments = new LiveSegments({
  open: (target) => {
    const store = openStore(target, { role, cos: liveUpload })
    return async ({ recordingId, trackId, segments: { keyFolder, format } }, segment, options) => {
      const path = spool.path({ recordingId, trackId, fileNumber: segment.fileNumber })
      return { ...await putSegment(path, segment, keyFolder, { store, format }, options), partial: false }
    }
  },
  report
})

let acceptedBefore = 0
let acceptedMs = -Infinity
const loop = new PacedLoop({
  bell: data.bell,
  napMs: () => {
    const nowMs = performance.now()
    const { publishing, opening, accepted } = ingest
    if (publishing > 0 && accepted !== acceptedBefore) {
      acceptedBefore = accepted
      acceptedMs = nowMs
    }
    const workingBeside = earlierFiles.busy || tracks.awaitsQuiet
    const storing = liveSegments.busy
    return napFor({ publishing, opening, sinceAcceptedMs: nowMs - acceptedMs, callsRunning: main.running, filesOpening, storing, workingBeside })
  }
})

/** How long the thread's loop has been busy: neither waiting for anything nor napping. */
function busyMs (): number {
  return performance.eventLoopUtilization().active - loop.nappedMs
}

function measured (): Figures {
  const { connections, publishing, framesTotal, frameBytesTotal, droppedFramesTotal } = ingest.stats()
  const { due, ...ofTracks } = tracks.figures(monotonic.now())
  meter.measure({ nowMs: performance.now(), busyMs: busyMs(), publishing })
  const load = meter.expected({ publishing, due })
  return { load, trackLoad: meter.trackLoad, connections, publishing, framesTotal, frameBytesTotal, droppedFramesTotal, ...ofTracks }
}

function tick (): void {
  tracks.tick(monotonic.now())
  now = measured()
  stats.write(now)
  stats.beat()
  if (!stopping.signal.aborted) loop.resume()
}

let refusedBefore: Record<string, number> = {}

function reportRefused (): void {
  const refused: Record<string, number> = { ...ingest.stats().refusedTotal }
  const counts = Object.entries(refused).map(([reason, total]) => [reason, total - (refusedBefore[reason] ?? 0)] as const).filter(([, count]) => count > 0)
  refusedBefore = refused
  if (counts.length > 0) report({ type: 'refused', counts: Object.fromEntries(counts) })
}

async function stop (): Promise<void> {
  stopping.abort(new RoomtapeError('UNAVAILABLE', 'the gateway is stopping'))
  loop.stop()
  await tracks.finishAll()
  await liveSegments.close()
  await ingest.close()
  clearInterval(ticking)
  clearInterval(reporting)
  port.close()
  setTimeout(() => { process.exit() }, lingerMs).unref() // which ends the thread
}

/** The thread's own spool, or another folder of this machine. */
function spoolOf ({ spoolDir }: { spoolDir?: string }): SpoolDirectory {
  return spoolDir === undefined ? spool : new SpoolDirectory(spoolDir)
}

function destination ({ target, format }: Pick<UploadRequest, 'target' | 'format'>): Destination {
  return { store: openStore(target, { role }), format }
}

/** The port of the thread before this one is where its relays push to. Something else may have it by now, or a thread that is stuck has it still. */
async function listen (): Promise<number> {
  const { formerRtmpPort } = data
  if (formerRtmpPort === undefined) return ingest.listen()
  try {
    return await retry(() => ingest.listen(formerRtmpPort), { schedule: formerPortTries, signal: stopping.signal, retryable: () => true })
  } catch {
    return ingest.listen() // the relays are asked for anew
  }
}

const rtmpPort = await listen()
const meter = new LoadMeter({ nowMs: performance.now(), busyMs: busyMs(), publishing: 0 })
const stats = new Stats(figures, data.stats)
let now = measured()
stats.beat()
const ticking = setInterval(tick, tickMs)
const reporting = setInterval(reportRefused, reportEveryMs)
const { signal } = stopping

main.answer({
  open: async ({ isPushed = false, ...spec }) => {
    if (!isPushed) admit(now)
    const firstFileNumber = await tracks.open(spec)
    now.tracks++
    now.load += now.trackLoad // until the next tick; the pool places the next one by it
    stats.write(now)
    return { firstFileNumber }
  },
  expect: async ({ trackId, ...source }) => { tracks.expect(trackId, source); return null },
  release: async ({ trackId, sourceId }) => { tracks.release(trackId, sourceId); return null },
  awaitQuiet: async ({ trackId, on }) => { tracks.awaitQuiet(trackId, on); return null },
  pause: async ({ trackId, paused }) => { tracks.pause(trackId, paused); return null },
  finish: async ({ trackId }) => {
    const finished = await tracks.finish(trackId)
    liveSegments.drop(trackId)
    return finished
  },
  upload: (request) => new FinishedTrack(spoolOf(request), request).uploadFiles(request, destination(request), { signal }),
  uploadSegments: (request) => new FinishedTrack(spoolOf(request), request).uploadSegments(request, destination(request), { signal }),
  discard: async ({ recordingId, trackId, fileNumbers, ...where }) => {
    for (const fileNumber of fileNumbers) await spoolOf(where).remove({ recordingId, trackId, fileNumber })
    return null
  },
  leftovers: async (where) => {
    const directory = spoolOf(where)
    const keys = await Promise.all((await directory.recordings()).map((recordingId) => directory.list(recordingId)))
    return keys.flat().map(({ recordingId, trackId }) => ({ recordingId, trackId }))
  },
  put: async ({ target, key, bytes, contentType }) => {
    const content = byteSourceOf(bytes)
    return openStore(target, { role }).putFile(key, content, await fingerprint(content, { signal }), { contentType, signal })
  },
  check: async ({ target }) => {
    await openStore(target, { role }).check({ signal: AbortSignal.any([signal, AbortSignal.timeout(checkTimeoutMs)]) })
    return null
  }
}, { ready: { rtmpPort }, onStop: () => { void stop() } })
