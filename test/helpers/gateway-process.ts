import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { isDeepStrictEqual } from 'node:util'
import { request } from 'undici'
import { putEmptyDatabase } from './embedded-database.ts'
import type { InsideOrder } from './inside-gateway.ts'
import { closeAfter, type Scope } from './scope.ts'

export interface StartingGateway {
  /** Resolves when it listens; rejects when it leaves before. */
  listening: Promise<GatewayProcess>
  /** Resolves with its exit code when it has left, null when it was killed. */
  exited: Promise<number | null>
  /** Every line the gateway has logged. */
  log: string[]
  /** What it has written to standard error. */
  errors: string[]
}

export interface GatewayProcess extends Omit<StartingGateway, 'listening'> {
  url: string
  /** Since when it listens, by its own log; by this process's clock, whatever it takes the time to be. */
  listeningMs: number
  adminToken: string
  pid: number
  /** Kills the process, so that it cannot tidy up. */
  kill (): Promise<void>
  /** Asks the process to end. @returns its exit code */
  terminate (): Promise<number | null>
  /** Ends the capture thread that listens on a port. Takes a gateway that was spawned as `steered`, as does `moveClock`. */
  endThread (rtmpPort: number): Promise<void>
  /** Has it take the time to be so much later than it is, until it is told otherwise. */
  moveClock (offsetMs: number): Promise<void>
  /** Has it stand still, as a machine that is suspended, and go on again. */
  freeze (): void
  thaw (): void
}

export interface GatewayProcessOptions {
  /** Its capture threads can be ended, and its clock be moved, while it runs. */
  steered?: boolean
  /** How much later than it is it takes the time to be from its beginning on; only when `steered`. */
  clockOffsetMs?: number
}

const root = join(import.meta.dirname, '../..')
const insideGateway = join(import.meta.dirname, 'inside-gateway.ts')

/** A gateway in a process of its own, which can be killed. */
export async function spawnGateway (scope: Scope, env: Record<string, string>, options?: GatewayProcessOptions): Promise<GatewayProcess> {
  const { listening } = await startGatewayProcess(scope, env, options)
  return listening
}

/** The same, without waiting for it: it may have to wait for another, or never listen. */
export async function startGatewayProcess (
  scope: Scope, env: Record<string, string>, { steered = false, clockOffsetMs = 0 }: GatewayProcessOptions = {}
): Promise<StartingGateway> {
  if (env.DATABASE_URL === undefined) await putEmptyDatabase(env.DATA_DIR!)
  const child = spawn(process.execPath, [...steered ? ['--import', insideGateway] : [], join(root, 'bin/roomtape.js'), 'serve'], {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...steered && { CLOCK_OFFSET_MS: String(clockOffsetMs) }, ...env },
    stdio: steered ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe']
  })
  const [stdout, stderr] = [child.stdout!, child.stderr!] // they are pipes
  closeAfter(scope, () => kill(child))
  const log: string[] = []
  const errors: string[] = []
  const { promise: listens, resolve, reject } = Promise.withResolvers<{ url: string, listeningMs: number }>()
  createInterface({ input: stdout }).on('line', (line) => {
    log.push(line)
    const found = /Server listening at (http:\/\/[^"]+)/.exec(line)?.[1]
    if (found !== undefined) resolve({ url: found, listeningMs: (JSON.parse(line) as { time: number }).time - clockOffsetMs })
  })
  createInterface({ input: stderr }).on('line', (line) => { errors.push(line) })
  const exited = once(child, 'close').then(([code]) => {
    reject(new Error(`the gateway left with ${String(code)} before it listened:\n${[...log, ...errors].join('\n')}`))
    return code as number | null
  })
  const steer = async (order: InsideOrder): Promise<void> => {
    const isObeyed = new Promise<void>((resolve) => {
      const look = (answer: unknown): void => {
        if (!isDeepStrictEqual(answer, order)) return
        child.off('message', look)
        resolve()
      }
      child.on('message', look)
    })
    child.send(order)
    await Promise.race([isObeyed, exited])
  }
  const listening = listens.then(async ({ url, listeningMs }) => {
    const adminToken = (await readFile(join(env.DATA_DIR!, 'admin-token'), 'utf8')).trim()
    await request(new URL('/livez', url)).then(({ body }) => body.dump()) // by then it takes signals too
    return {
      url,
      listeningMs,
      adminToken,
      pid: child.pid!, // it has listened
      log,
      errors,
      exited,
      kill: () => kill(child),
      terminate () {
        child.kill('SIGTERM')
        return exited
      },
      endThread: (rtmpPort: number) => steer({ endThreadOfPort: rtmpPort }),
      moveClock: (offsetMs: number) => steer({ clockOffsetMs: offsetMs }),
      freeze () { child.kill('SIGSTOP') },
      thaw () { child.kill('SIGCONT') }
    }
  })
  listening.catch(() => undefined) // whoever waits for it hears of it
  return { listening, exited, log, errors }
}

async function kill (child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}
