import { offsetOf, systemClock } from '../../src/core/clock.ts'
import type { SegmentSpec } from '../../src/tracks/messages.ts'
import { CapturePool } from '../../src/tracks/pool.ts'
import { answerCalls } from './answer-calls.ts'
import type { RecorderCalls } from './calls.ts'
import { recordingId, trackIdOf } from './roomtape-names.ts'

/** A process that does nothing but record: the capture threads of the gateway, and the main thread's half of them. */
let pool: CapturePool | undefined
let cut: Omit<SegmentSpec, 'keyFolder'> | undefined
const clockOffsetMs = offsetOf(systemClock)
const tracks = new Map<string, { left: Promise<undefined> }>()

answerCalls<RecorderCalls>({
  start: async ({ spoolDir, threads, segments }) => {
    cut = segments && { seconds: segments.seconds, epochMs: Date.now(), format: 'm4a', target: { kind: 'local', directory: segments.directory, path: '' } }
    pool = new CapturePool({
      threads,
      spoolDir,
      rtmpHost: '127.0.0.1',
      rtmpPublicHost: '127.0.0.1',
      rtmpFirstPort: 0,
      metadataUrl: 'http://127.0.0.1',
      onCrash: (error) => { throw error },
      onRefused: (counts) => { throw new Error(`connections refused: ${JSON.stringify(counts)}`) }
    })
    await pool.start()
    return null
  },

  open: async ({ tracks: count }) => Promise.all(Array.from({ length: count }, (_, stream) => open(stream))),

  finish: async () => {
    await Promise.all([...tracks].map(async ([trackId, { left }]) => {
      await left
      await started().finish(trackId)
    }))
    return null
  }
}, async () => { await pool?.close() })

async function open (stream: number): Promise<string> {
  const trackId = trackIdOf(stream)
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  promise.catch(() => undefined) // `finish` waits for it
  tracks.set(trackId, { left: promise })
  await started().open({ recordingId, trackId, userId: trackId, fillGaps: true, clockOffsetMs, ...cut && { segments: { ...cut, keyFolder: `${trackId}/` } } }, (report) => {
    switch (report.type) {
      case 'pushed':
      case 'live':
      case 'quiet':
      case 'firstAudio':
      case 'behind': // what is lost by it is missing in the files
      case 'caughtUp':
      case 'segment': break
      case 'lost': resolve(undefined); break
      case 'unsent': reject(new Error(`${trackId}: its segments wait for the disk`)); break
      case 'unusable': reject(new Error(`${trackId}: ${report.message}`)); break
      case 'broken': reject(new Error(`${trackId}: ${report.error.message}`)); break
      default: report satisfies never
    }
  })
  return (await started().expect(trackId, { sourceId: `src_${trackId}`, key: `${trackId}_of_the_capture_bench` })).url
}

function started (): CapturePool {
  if (pool === undefined) throw new Error('the recorder was not started')
  return pool
}
