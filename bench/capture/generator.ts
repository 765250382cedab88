import { createHistogram } from 'node:perf_hooks'
import { answerCalls } from './answer-calls.ts'
import type { GeneratorCalls } from './calls.ts'
import { clip, firstFrameOf, frameAfter, frameMs } from './clip.ts'
import { audioChunk, Publisher } from './publisher.ts'

/** One stream of this process, which publishes by the wall clock: the streams take turns, so that frames leave evenly spread, not all at once. */
interface Stream { publisher: Publisher, next: number, sent: number }

const connectMs = 60_000
/** Between two looks at what is due, since waking up costs as much as some frames. Of a thousand streams a hundred then send at a time. */
const wakeMs = 2
/** Streams that connect at a time: as many as a server's queue of connections takes. */
const atOnce = 100

/** The clip's frames as they are sent, made once for all streams. */
const chunks: readonly Buffer[] = clip.map((frame, number) => audioChunk(frame, Math.floor((number + 1) * frameMs) - Math.floor(number * frameMs)))

const streams: Stream[] = []
const lateness = createHistogram()
let ticking: NodeJS.Timeout | undefined

answerCalls<GeneratorCalls>({
  connect: async ({ streams: wanted }) => {
    const signal = AbortSignal.timeout(connectMs)
    const waiting = wanted.entries()
    await Promise.all(Array.from({ length: atOnce }, async () => {
      for (const [place, { index, url }] of waiting) {
        streams[place] = { publisher: await Publisher.publish(url, { signal }), next: firstFrameOf(index), sent: 0 }
      }
    }))
    return null
  },

  talk: async () => {
    const startMs = performance.now()
    const stepMs = frameMs / streams.length
    let turns = 0
    ticking = setInterval(() => {
      const nowMs = performance.now()
      const dueMs = startMs + turns * stepMs
      if (nowMs > dueMs) lateness.record(Math.max(1, Math.round((nowMs - dueMs) * 1000)))
      for (; startMs + turns * stepMs <= nowMs; turns++) {
        const stream = streams[turns % streams.length]
        const chunk = chunks[stream?.next ?? 0]
        if (stream === undefined || chunk === undefined) break
        stream.publisher.send(chunk)
        stream.next = frameAfter(stream.next)
        stream.sent++
      }
    }, wakeMs)
    return null
  },

  watch: async () => {
    lateness.reset()
    return null
  },

  stop: async () => {
    clearInterval(ticking)
    const sent = { frames: streams.map((stream) => stream.sent), lateP99Ms: lateness.percentile(99) / 1000, lateMaxMs: lateness.max / 1000 }
    await Promise.all(streams.map(({ publisher }) => publisher.leave()))
    return sent
  }
}, async () => {
  clearInterval(ticking)
  for (const { publisher } of streams) publisher.destroy()
})
