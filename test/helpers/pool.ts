import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { BroadcastChannel } from 'node:worker_threads'
import type { TrackReport, TrackSpec } from '../../src/tracks/messages.ts'
import { CapturePool, type CapturePoolOptions } from '../../src/tracks/pool.ts'
import { loadClip } from '../../src/sandbox/audio/clips.ts'
import { connectPublisher, type RtmpPublisher } from '../../src/sandbox/rtmp-publisher.ts'
import type { HarmOrder } from './mortal-worker.ts'
import { closeAfter, type Scope } from './scope.ts'
import { patienceMs, temporaryFolder } from './world.ts'
import { offsetOf, systemClock } from '../../src/core/clock.ts'

const clip = loadClip('low')
const frameMs = 1024 / 48
const { signal } = new AbortController()

type ReportOf<Type> = Extract<TrackReport, { type: Type }>

interface Reports {
  all: TrackReport[]
  listener: (report: TrackReport) => void
  /** Resolves with the n-th report of a type, the first unless given. */
  until: <Type extends TrackReport['type']>(type: Type, n?: number) => Promise<ReportOf<Type>>
}

export function reports (): Reports {
  const all: TrackReport[] = []
  let wake = Promise.withResolvers<undefined>()
  return {
    all,
    listener (report) {
      all.push(report)
      wake.resolve(undefined)
      wake = Promise.withResolvers()
    },
    async until (type, n = 1) {
      for (;;) {
        const found = all.filter((report): report is ReportOf<typeof type> => report.type === type)[n - 1]
        if (found !== undefined) return found
        await wake.promise
      }
    }
  }
}

/** A pool of its own for a test, and what it told of its threads. */
export async function startPool (scope: Scope, options: Partial<CapturePoolOptions> = {}) {
  const folder = await temporaryFolder(scope)
  const crashes: string[] = []
  const refused = Promise.withResolvers<Record<string, number>>()
  const recovered = Promise.withResolvers<undefined>()
  const pool = new CapturePool({
    threads: 2,
    spoolDir: join(folder, 'spool'),
    rtmpHost: '127.0.0.1',
    rtmpFirstPort: 0,
    rtmpPublicHost: '127.0.0.1',
    metadataUrl: 'http://127.0.0.1:1',
    onCrash: ({ message }) => { crashes.push(message) },
    onRecovered: () => { recovered.resolve(undefined) },
    onRefused: refused.resolve,
    ...options
  })
  closeAfter(scope, () => pool.close())
  await pool.start()
  return { pool, crashes, refused: refused.promise, recovered: recovered.promise, folder, target: { kind: 'local', directory: join(folder, 'store'), path: '' } as const }
}

/** Runs the threads of a pool with a fixture that comes to harm by order. */
export const mortalScript = new URL('./mortal-worker.ts', import.meta.url)

/** Gives an order to a thread that runs `mortalScript`. Resolves when the thread is about to obey; rejects when it has not by the signal. */
export async function harm (spoolDir: string, order: HarmOrder, { signal } = { signal: AbortSignal.timeout(patienceMs) }): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  const channel = new BroadcastChannel(spoolDir)
  const giveUp = (): void => { reject(new Error(`thread ${order.thread} does not obey: ${order.harm}`)) }
  signal.addEventListener('abort', giveUp)
  channel.onmessage = (event: unknown) => {
    if ((event as { data: { suffering?: string } }).data.suffering === order.thread) resolve(undefined)
  }
  channel.postMessage(order)
  try {
    await promise
  } finally {
    signal.removeEventListener('abort', giveUp)
    channel.close()
  }
}

export const spec = (trackId: string): TrackSpec => ({ recordingId: 'rec_1', trackId, userId: 'anna', fillGaps: true, clockOffsetMs: offsetOf(systemClock) })

/** A source with a stream key. */
export const source = (key: string): { sourceId: string, key: string } => ({ sourceId: `src_of_${key}`, key })

/** Publishes half a second of talk, with the timestamps it has. */
export function say (publisher: RtmpPublisher): void {
  publisher.configure(clip.config.config)
  for (const [index, frame] of clip.frames.slice(0, 24).entries()) publisher.write(frame, Math.round(index * frameMs))
}

export interface NumberedTalk {
  /** Frames sent so far, numbered from 0. */
  readonly sent: number
  /** Sends this many frames more, in real time. */
  go (frames: number): Promise<void>
  close (): Promise<void>
}

/** Publishes frames that carry their number, for counting them in the file. */
export async function talkInNumbers (url: string): Promise<NumberedTalk> {
  const publisher = await connectPublisher(url, { signal })
  publisher.configure(clip.config.config)
  const beganMs = performance.now()
  let sent = 0
  return {
    get sent () { return sent },
    async go (frames) {
      for (const end = sent + frames; sent < end; sent++) {
        await sleep(Math.max(0, beganMs + sent * frameMs - performance.now()))
        const frame = Buffer.alloc(180)
        frame.writeUInt32BE(sent)
        publisher.write(frame, Math.round(sent * frameMs))
      }
    },
    close: () => publisher.close()
  }
}
