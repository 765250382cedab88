import { readFile, stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { silentFrame } from '../../src/media/aac.ts'
import type { GeneratorCalls, Sent } from './calls.ts'
import { Child } from './child.ts'
import { firstFrameOf, frameAfter } from './clip.ts'
import type { Contestant } from './contestant.ts'
import { warmUpSeconds } from './options.ts'
import { machineCpuSeconds, usageOf } from './usage.ts'

/** What was measured while one program recorded a number of tracks once. */
export interface Round {
  tracks: number
  /** Wall time of the measured part. */
  seconds: number
  cpuSeconds: number
  /** CPU for recording a track for a minute: what programs are compared by. */
  cpuSecondsPerTrackMinute: number
  /** Memory before the first stream. */
  idleRssBytes: number
  /** Memory at the end of the measured part. */
  rssBytes: number
  /** Time to open all tracks. */
  openMs: number
  /** Time until all streams were accepted, after that. */
  connectMs: number
  /** From asking for the tracks until the last of them has its first audio in its file. */
  startMs: number
  framesSent: number
  framesFound: number
  /** Frames sent and not found. */
  framesLost: number
  /** Frames found that do not follow the frame before them. */
  framesWrong: number
  /** Silent frames in the place of audio: publishers that fall seconds behind look like clocks that stood still. */
  framesFilled: number
  /** How late the publishers sent 99 of 100 frames, at most. Late publishers flatter the recorder. */
  lateP99Ms: number
  /** How late the publishers sent the latest frame. */
  lateMaxMs: number
  generatorCores: number
  /** CPU that went to anything else on this machine: below 0.1 it was quiet. */
  othersCores: number
}

/** Publishers later than this did not make the load that is claimed: what such a round says of CPU is not compared. */
export const punctualMs = 500
/** The most streams that one process sends punctually. */
const streamsPerGenerator = 1_600
const connectMsLimit = 90_000
/** A file of this size or less has no audio yet, whichever program writes it. */
const emptyFileBytes = 1_024
const beginPollMs = 10
const finishMsLimit = 60_000

/** Has a contestant record, measures it while it does, and looks for every frame in its files. */
export async function runRound (
  contestant: Contestant,
  { tracks, seconds }: { tracks: number, seconds: number },
  { signal }: { signal: AbortSignal }
): Promise<Round> {
  const within = (limitMs: number) => ({ signal: AbortSignal.any([signal, AbortSignal.timeout(limitMs)]) })
  await using generators = new AsyncDisposableStack()
  const senders = Array.from({ length: Math.ceil(tracks / streamsPerGenerator) }, () =>
    generators.use(new Child<GeneratorCalls>(new URL('./generator.ts', import.meta.url))))
  await Promise.all(senders.map((sender) => sender.call('watch', null, within(connectMsLimit)))) // they have started
  const idle = await usageOf(await contestant.pids())

  const openedMs = performance.now()
  const urls = await contestant.open(tracks, within(connectMsLimit))
  const openMs = performance.now() - openedMs
  const shares = senders.map((_, sender) => urls.map((url, index) => ({ index, url })).filter(({ index }) => index % senders.length === sender))
  const connectingMs = performance.now()
  await Promise.all(senders.map((sender, index) => sender.call('connect', { streams: shares[index] ?? [] }, within(connectMsLimit))))
  const connectMs = performance.now() - connectingMs

  await Promise.all(senders.map((sender) => sender.call('talk', null, { signal })))
  await begun(contestant, tracks, within(connectMsLimit))
  const startMs = performance.now() - openedMs
  await delay(warmUpSeconds * 1000, undefined, { signal })
  await Promise.all(senders.map((sender) => sender.call('watch', null, { signal })))
  const pids = await contestant.pids()
  const senderPids = senders.map(({ pid }) => pid)
  const measure = async () => ({
    atMs: performance.now(), machine: await machineCpuSeconds(), sending: await usageOf(senderPids), recording: await usageOf(pids)
  })
  const before = await measure()
  await delay(seconds * 1000, undefined, { signal })
  const after = await measure()

  const sent = await Promise.all(senders.map((sender) => sender.call('stop', null, within(finishMsLimit))))
  await contestant.finish(within(finishMsLimit))

  const wall = (after.atMs - before.atMs) / 1000
  const cpuSeconds = after.recording.cpuSeconds - before.recording.cpuSeconds
  const sending = after.sending.cpuSeconds - before.sending.cpuSeconds
  return {
    tracks,
    seconds: wall,
    cpuSeconds,
    cpuSecondsPerTrackMinute: cpuSeconds / tracks / wall * 60,
    idleRssBytes: idle.rssBytes,
    rssBytes: after.recording.rssBytes,
    openMs,
    connectMs,
    startMs,
    ...await count(contestant, shares, sent),
    lateP99Ms: Math.max(...sent.map(({ lateP99Ms }) => lateP99Ms)),
    lateMaxMs: Math.max(...sent.map(({ lateMaxMs }) => lateMaxMs)),
    generatorCores: sending / wall,
    othersCores: (after.machine - before.machine - cpuSeconds - sending) / wall
  }
}

type Counts = Pick<Round, 'framesSent' | 'framesFound' | 'framesLost' | 'framesWrong' | 'framesFilled'>
const silence = silentFrame({ channels: 1 })

async function count (contestant: Contestant, shares: { index: number }[][], sent: Sent[]): Promise<Counts> {
  const total = { framesSent: 0, framesFound: 0, framesLost: 0, framesWrong: 0, framesFilled: 0 }
  for (const [sender, share] of shares.entries()) {
    for (const [place, { index }] of share.entries()) {
      const framesSent = sent[sender]?.frames[place] ?? 0
      let found = 0
      let expected = firstFrameOf(index)
      for await (const frame of framesOf(contestant, index)) {
        if (frame.equals(silence)) {
          total.framesFilled++
          continue
        }
        const number = frame.length >= 4 ? frame.readUInt32BE() : -1
        if (number !== expected) total.framesWrong++
        found++
        expected = frameAfter(number)
      }
      total.framesSent += framesSent
      total.framesFound += found
      total.framesLost += Math.max(0, framesSent - found)
    }
  }
  return total
}

async function * framesOf (contestant: Contestant, stream: number): AsyncGenerator<Buffer> {
  for (const path of await contestant.filesOf(stream)) yield * contestant.framesIn(await readFile(path))
}

/** One after the other: what has begun stays begun, so the whole costs one look at each file and not much of the machine. */
async function begun (contestant: Contestant, tracks: number, { signal }: { signal: AbortSignal }): Promise<void> {
  for (let stream = 0; stream < tracks; stream++) {
    while (!await hasAudio(contestant, stream)) await delay(beginPollMs, undefined, { signal })
  }
}

async function hasAudio (contestant: Contestant, stream: number): Promise<boolean> {
  const [path] = await contestant.filesOf(stream)
  if (path === undefined) return false
  const file = await stat(path).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  })
  return file !== undefined && file.size > emptyFileBytes
}
