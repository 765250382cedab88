import { loadClip } from '../../src/sandbox/audio/clips.ts'
import type { RecorderCalls } from '../capture/calls.ts'
import { Child } from '../capture/child.ts'
import { frameMs } from '../capture/clip.ts'
import { audioChunk, Publisher } from '../capture/publisher.ts'
import { numbered } from './numbered.ts'

/** What was under way when a recording process was killed. */
export interface Killed {
  spoolDir: string
  atMs: number
  /** When the kernel took each frame, stream by stream; all by `performance.now()`. */
  sentMs: number[][]
}

const threads = 2
const { frames } = loadClip('middle')

/** Has a process record live streams over real RTMP, and kills it in the middle. @param afterMs since the streams began to talk */
export async function recordAndKill (
  { spoolDir, tracks, afterMs }: { spoolDir: string, tracks: number, afterMs: number },
  { signal }: { signal: AbortSignal }
): Promise<Killed> {
  await using recorder = new Child<RecorderCalls>(new URL('../capture/recorder.ts', import.meta.url))
  await recorder.call('start', { spoolDir, threads }, { signal })
  const urls = await recorder.call('open', { tracks }, { signal })
  const publishers = await Promise.all(urls.map((url) => Publisher.publish(url, { signal })))
  try {
    const sentMs = await talk(publishers, afterMs, { signal })
    // In the same turn as the last frame, so that nothing is sent that is not counted
    recorder.kill()
    return { spoolDir, atMs: performance.now(), sentMs }
  } finally {
    for (const publisher of publishers) publisher.destroy()
  }
}

/** Sends frames by the wall clock, the streams in turn. */
async function talk (publishers: readonly Publisher[], forMs: number, { signal }: { signal: AbortSignal }): Promise<number[][]> {
  const sentMs: number[][] = publishers.map(() => [])
  const startMs = performance.now()
  const stepMs = frameMs / publishers.length
  let turns = 0
  const send = (untilMs: number): void => {
    for (; startMs + turns * stepMs <= untilMs; turns++) {
      const times = sentMs[turns % publishers.length]
      const taken = times !== undefined && publishers[turns % publishers.length]?.send(chunkOf(times.length))
      if (taken !== true) throw new Error('a stream broke before the kill')
      times.push(performance.now())
    }
  }
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  const ticking = setInterval(() => {
    try {
      signal.throwIfAborted()
      const nowMs = performance.now()
      send(Math.min(nowMs, startMs + forMs))
      if (nowMs >= startMs + forMs) resolve(undefined)
    } catch (error) {
      reject(error)
    }
  }, 1)
  try {
    await promise
  } finally {
    clearInterval(ticking)
  }
  return sentMs
}

function chunkOf (number: number): Buffer {
  const frame = frames[number % frames.length] ?? new Uint8Array()
  return audioChunk(numbered(frame, number), Math.floor((number + 1) * frameMs) - Math.floor(number * frameMs))
}
