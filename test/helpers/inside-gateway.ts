import { isMainThread, threadName, workerData, BroadcastChannel } from 'node:worker_threads'
import type { CaptureData } from '../../src/tracks/messages.ts'

/**
 * Given to a gateway with `--import`, which its threads inherit: ends the capture thread of an RTMP port when the process that spawned the gateway
 * says so. Of an order nobody hears but the thread; that it obeys is told before it does.
 */
export interface DeathOrder { endThreadOfPort: number }

const channel = new BroadcastChannel('mortal threads').unref()

if (isMainThread) {
  process.on('message', (order: DeathOrder) => { channel.postMessage(order) })
  process.channel?.unref()
  channel.onmessage = (event: unknown) => { process.send?.((event as { data: DeathOrder }).data) }
} else if (threadName?.startsWith('capture-') === true) {
  channel.onmessage = (event: unknown) => {
    const order = (event as { data: DeathOrder }).data
    if (order.endThreadOfPort !== (workerData as CaptureData).rtmpPort) return
    channel.postMessage(order)
    process.exit(7)
  }
}
