import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { putEmptyDatabase } from './embedded-database.ts'
import { closeAfter, type Scope } from './scope.ts'

export interface GatewayProcess {
  url: string
  adminToken: string
  /** Kills the process, so that it cannot tidy up. */
  kill (): Promise<void>
  /** Asks the process to end. @returns its exit code */
  terminate (): Promise<number | null>
  /** Every line the gateway has logged. */
  log: string[]
}

const root = join(import.meta.dirname, '../..')

/** A gateway in a process of its own, which can be killed. */
export async function spawnGateway (scope: Scope, env: Record<string, string>): Promise<GatewayProcess> {
  if (env.DATABASE_URL === undefined) await putEmptyDatabase(env.DATA_DIR!)
  const child = spawn(process.execPath, [join(root, 'bin/roomtape.js'), 'serve'], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  closeAfter(scope, () => kill(child))
  const log: string[] = []
  const { promise: listening, resolve, reject } = Promise.withResolvers<string>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    log.push(line)
    const url = /Server listening at (http:\/\/[^"]+)/.exec(line)?.[1]
    if (url !== undefined) resolve(url)
  })
  child.once('exit', (code) => { reject(new Error(`the gateway left with ${code} before it listened:\n${log.join('\n')}`)) })
  const url = await listening
  const adminToken = (await readFile(join(env.DATA_DIR!, 'admin-token'), 'utf8')).trim()
  return { url, adminToken, log, kill: () => kill(child), terminate: () => terminate(child) }
}

async function kill (child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

async function terminate (child: ChildProcess): Promise<number | null> {
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
  return child.exitCode
}
