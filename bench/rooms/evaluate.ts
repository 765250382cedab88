import { readdir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Child } from '../capture/child.ts'
import type { BegunRoom } from './begin.ts'
import { keyOf, type TenantCalls, type TrtcCalls } from './calls.ts'
import type { EventAttempt } from './event-sender.ts'
import { bucket, type RunningGateway } from './gateway.ts'
import { quantilesOf, type Quantiles } from './quantiles.ts'
import { verify } from './verify.ts'

/** What the doubles saw of a round. Times are milliseconds. */
export interface RoomsFigures {
  /** How long POST /v1/recordings took. */
  beginMs: Quantiles
  /** How long POST /trtc/events took: all of them, given up ones too, and those of them that dismiss a room, all of which come at once. */
  eventMs: Quantiles
  dismissalMs: Quantiles
  /** From a room's first event 203 until its first frame was taken. */
  firstFrameMs: Quantiles
  /** From a room's last frame until `recording.completed` was written (its `TimestampMs`), and until it was received. */
  writtenMs: Quantiles
  receivedMs: Quantiles
  /** Until it was written from when it could be at the earliest: after the last frame, and a second after the dismissal was sent. */
  overdueMs: Quantiles
  /** From the end of a segment, while its room talked, until its callback was written and received. */
  segments: number
  segmentWrittenMs: Quantiles
  segmentReceivedMs: Quantiles
  /** Rooms that had not ended when waiting was over. */
  unfinished: number
  failedEventAttempts: number
  /** Calls of the Cloud API that were one too many in their second. */
  refusedCalls: number
  framesSent: number
  /** Frames said before the end that StopPublishCdnStream cut off. */
  framesCut: number
  /** The most audio that was sent and is not in its file. */
  shortMaxMs: number
  /** Lines of the gateway's log by what they say, of warnings and worse. */
  warnings: Record<string, number>
  lateP99Ms: number
  lateMaxMs: number
  faults: string[]
}

interface Ended {
  rooms: readonly BegunRoom[]
  userIds: readonly string[]
  trtc: Child<TrtcCalls>
  tenant: Child<TenantCalls>
  gateway: RunningGateway
  /** Where files are that are in no bucket. */
  folder: string | undefined
}

/** Speech that is under way is waited for at the least so long after an end is heard of. */
const leastWaitMs = 1_000

/** Asks the doubles what they saw, and looks whether it is as it has to be. */
export async function evaluate ({ rooms, userIds, trtc, tenant, gateway, folder }: Ended, { signal }: { signal: AbortSignal }): Promise<RoomsFigures> {
  const [sent, received] = await Promise.all([trtc.call('report', null, { signal }), tenant.call('report', { bucket }, { signal })])
  const objects = folder === undefined ? received.objects : await filesIn(folder)
  const { ended, shortMaxMs, faults } = verify({ rooms, userIds, receipts: received.receipts, objects, trtc: sent })
  const unsigned = received.segments.filter(({ signature }) => signature !== 'valid').length
  if (unsigned > 0) faults.push(`${unsigned} callbacks of segments have no valid signature`)
  const audibleMs = new Map(sent.audibleMs)
  const dismissals = sent.attempts.filter(({ type }) => type === 102)
  const dismissedMs = new Map(dismissals.toReversed().map(({ room, sentMs }) => [room, sentMs]))
  const firstDismissalMs = Math.min(...dismissedMs.values())
  const segments = received.segments.filter(({ endMs }) => endMs < firstDismissalMs)
  type EndedRoom = typeof ended[number]
  const lastFrameMs = ({ relays }: EndedRoom): number => Math.max(...relays.map((relay) => relay.lastFrameMs ?? NaN))
  const earliestMs = (room: EndedRoom): number => Math.max(lastFrameMs(room), (dismissedMs.get(keyOf(room.room)) ?? NaN) + leastWaitMs)
  const between = (from: (room: EndedRoom) => number, to: (room: EndedRoom) => number): Quantiles => quantilesOf(ended.map((room) => to(room) - from(room)))
  const writtenMs = ({ receipt }: EndedRoom): number => receipt.body.TimestampMs
  const latencies = (attempts: readonly EventAttempt[]): Quantiles => quantilesOf(attempts.map(({ latencyMs }) => latencyMs))
  return {
    beginMs: quantilesOf(rooms.map(({ latencyMs }) => latencyMs)),
    eventMs: latencies(sent.attempts),
    dismissalMs: latencies(dismissals),
    firstFrameMs: quantilesOf(ended.map(({ room, receipt }) => receipt.body.StartMs - (audibleMs.get(room.roomId) ?? NaN))),
    writtenMs: between(lastFrameMs, writtenMs),
    receivedMs: between(lastFrameMs, ({ receipt }) => receipt.receivedMs),
    overdueMs: between(earliestMs, writtenMs),
    segments: segments.length,
    segmentWrittenMs: quantilesOf(segments.map(({ endMs, writtenMs }) => writtenMs - endMs)),
    segmentReceivedMs: quantilesOf(segments.map(({ endMs, receivedMs }) => receivedMs - endMs)),
    unfinished: rooms.length - ended.length,
    failedEventAttempts: sent.attempts.filter(({ taken }) => !taken).length,
    refusedCalls: sent.refusedCalls,
    framesSent: sent.relays.reduce((sum, relay) => sum + relay.sent, 0),
    framesCut: sent.relays.reduce((sum, relay) => sum + relay.cut, 0),
    shortMaxMs,
    warnings: warningsIn(gateway.log()),
    lateP99Ms: sent.lateP99Ms,
    lateMaxMs: sent.lateMaxMs,
    faults
  }
}

async function filesIn (folder: string): Promise<Array<{ key: string, bytes: number }>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  return Promise.all(paths.map(async (path) => ({ key: relative(folder, path), bytes: (await stat(path)).size })))
}

const warnLevel = 40

function warningsIn (log: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const line of log) {
    const { level, msg } = JSON.parse(line) as { level: number, msg: string }
    if (level >= warnLevel) counts[msg] = (counts[msg] ?? 0) + 1
  }
  return counts
}
