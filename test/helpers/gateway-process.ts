import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { request } from 'undici'
import { putEmptyDatabase } from './embedded-database.ts'
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
  adminToken: string
  pid: number
  /** Kills the process, so that it cannot tidy up. */
  kill (): Promise<void>
  /** Asks the process to end. @returns its exit code */
  terminate (): Promise<number | null>
  /** Has it stand still, as a machine that is suspended, and go on again. */
  freeze (): void
  thaw (): void
}

const root = join(import.meta.dirname, '../..')

/** A gateway in a process of its own, which can be killed. */
export async function spawnGateway (scope: Scope, env: Record<string, string>): Promise<GatewayProcess> {
  const { listening } = await startGatewayProcess(scope, env)
  return listening
}

/** The same, without waiting for it: it may have to wait for another, or never listen. */
export async function startGatewayProcess (scope: Scope, env: Record<string, string>): Promise<StartingGateway> {
  if (env.DATABASE_URL === undefined) await putEmptyDatabase(env.DATA_DIR!)
  const child = spawn(process.execPath, [join(root, 'bin/roomtape.js'), 'serve'], {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  closeAfter(scope, () => kill(child))
  const log: string[] = []
  const errors: string[] = []
  const { promise: url, resolve, reject } = Promise.withResolvers<string>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    log.push(line)
    const found = /Server listening at (http:\/\/[^"]+)/.exec(line)?.[1]
    if (found !== undefined) resolve(found)
  })
  createInterface({ input: child.stderr }).on('line', (line) => { errors.push(line) })
  const exited = once(child, 'close').then(([code]) => {
    reject(new Error(`the gateway left with ${String(code)} before it listened:\n${[...log, ...errors].join('\n')}`))
    return code as number | null
  })
  const listening = url.then(async (url) => {
    const adminToken = (await readFile(join(env.DATA_DIR!, 'admin-token'), 'utf8')).trim()
    await request(new URL('/livez', url)).then(({ body }) => body.dump()) // by then it takes signals too
    return {
      url,
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
