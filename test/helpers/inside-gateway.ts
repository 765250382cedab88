import { BroadcastChannel, getEnvironmentData, isMainThread, setEnvironmentData, threadName, workerData } from 'node:worker_threads'
import type { CaptureData } from '../../src/tracks/messages.ts'

/**
 * Given to a gateway with `--import`, which its threads inherit: does inside it what the process that spawned it says, and answers with the order when
 * it is done.
 *
 * - `endThreadOfPort`: the capture thread of that RTMP port ends. Nobody hears of it but the thread, which tells before it obeys.
 * - `clockOffsetMs`: the wall clock of the machine is off by so much from now on, in all threads. What counts monotonically stays as it is.
 *
 * The process begins with the clock off by `CLOCK_OFFSET_MS`.
 */
export type InsideOrder = { endThreadOfPort: number } | { clockOffsetMs: number }

const offsetName = 'clock offset'
const channel = new BroadcastChannel('inside gateway').unref()

if (isMainThread) {
  const offset = new Float64Array(new SharedArrayBuffer(8))
  offset[0] = Number(process.env.CLOCK_OFFSET_MS ?? 0)
  setEnvironmentData(offsetName, offset)
  moveClock(offset)
  process.on('message', (order: InsideOrder) => {
    if ('endThreadOfPort' in order) {
      channel.postMessage(order)
    } else {
      offset[0] = order.clockOffsetMs
      process.send?.(order)
    }
  })
  process.channel?.unref()
  channel.onmessage = (event: unknown) => { process.send?.((event as { data: InsideOrder }).data) }
} else {
  moveClock(getEnvironmentData(offsetName) as unknown as Float64Array)
  if (threadName?.startsWith('capture-') === true) {
    channel.onmessage = (event: unknown) => {
      const order = (event as { data: InsideOrder }).data
      if (!('endThreadOfPort' in order) || order.endThreadOfPort !== (workerData as CaptureData).rtmpPort) return
      channel.postMessage(order)
      process.exit(7)
    }
  }
}

/** Has `Date.now()`, `new Date()` and `Date()` be off by what stands in a shared number. */
function moveClock (offset: Float64Array): void {
  const { now } = Date
  Date.now = () => now() + offset[0]!
  globalThis.Date = new Proxy(Date, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [Date.now()] : args, newTarget) as Date,
    apply: () => String(new Date())
  })
}
