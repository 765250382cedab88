import { readFileSync } from 'node:fs'
import { BroadcastChannel, threadName, workerData } from 'node:worker_threads'
import type { CaptureData } from '../../src/tracks/messages.ts'

/** How a capture thread comes to harm. */
type Harm = 'exit' | 'throw' | 'exhaust memory' | 'hang' | 'stuck in a system call' | 'busy' | 'rest'

export interface HarmOrder {
  /** Name of the thread. */
  thread: string
  harm: Harm
  /** A pipe that nobody writes to. */
  fifo?: string
}

/** A capture thread as it ships, which also comes to harm when it is told to, on the channel that is called like its spool. */
const channel = new BroadcastChannel((workerData as CaptureData).spoolDir).unref()
channel.onmessage = (event: unknown) => {
  const order = (event as { data: HarmOrder }).data
  if (order.thread !== threadName) return
  channel.postMessage({ suffering: threadName })
  suffer(order)
}

let isBusy = false

/** Keeps the thread's loop busy, with time only for what is due. Standing still does it as well as computing, and leaves the machine to others. */
function toil (): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
  if (isBusy) setImmediate(toil)
}

function suffer ({ harm, fifo = '' }: HarmOrder): void {
  switch (harm) {
    case 'exit':
      process.exit(7)
      break
    case 'throw':
      throw new Error('the fixture throws')
    case 'exhaust memory': {
      const kept: unknown[] = []
      for (;;) kept.push(new Array(1_000_000))
    }
    case 'hang':
      for (;;);
    case 'stuck in a system call':
      readFileSync(fifo)
      break
    case 'busy':
      isBusy = true
      toil()
      break
    case 'rest':
      isBusy = false
      break
    default: harm satisfies never
  }
}

// Only now may it say that it is ready: an order given before the channel was there would be heard by nobody.
await import('../../src/tracks/worker.ts')
