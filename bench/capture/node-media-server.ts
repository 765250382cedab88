import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Contestant, Peer, Place } from './contestant.ts'
import { flvFrames } from './flv-frames.ts'
import { accepting, freePorts } from './peers.ts'

const startMs = 10_000
const leaveMs = 10_000
/** Its files count as complete when nothing has been written for this time. */
const quietMs = 1_000

/** @param folder whose `node_modules` has it */
export function nodeMediaServer (folder: string): Peer {
  return {
    name: 'node-media-server',
    maxTracks: Infinity,
    install: 'npm install --prefix DIR node-media-server@4.4.3, and --node-media-server DIR',
    find: async () => {
      const program = resolved(folder)
      return program === undefined ? undefined : (place, options) => startNodeMediaServer(program, place, options)
    }
  }
}

function resolved (folder: string): string | undefined {
  try {
    return createRequire(join(resolve(folder), 'any.js')).resolve('node-media-server/bin/app.js')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return undefined
    throw error
  }
}

/** Its own program on our Node, with nothing but RTMP and recording switched on. It has one thread. */
async function startNodeMediaServer (program: string, { directory }: Place, { signal }: { signal: AbortSignal }): Promise<Contestant> {
  const recordings = join(directory, 'recordings')
  const configPath = join(directory, 'config.json')
  const [port = 0] = await freePorts(1)
  await mkdir(recordings, { recursive: true })
  await writeFile(configPath, JSON.stringify({
    bind: '127.0.0.1',
    rtmp: { port },
    auth: { play: false, publish: false },
    store: { path: join(directory, 'data') },
    webadmin: { enable: false },
    record: { auto: true, path: recordings }
  }))

  const server = spawn(process.execPath, [program, '--config', configPath], { cwd: directory, stdio: 'ignore' })
  const exited = once(server, 'exit')
  const leave = async (): Promise<void> => {
    server.kill('SIGTERM')
    const late = setTimeout(() => { server.kill('SIGKILL') }, leaveMs)
    await exited
    clearTimeout(late)
  }
  try {
    await accepting(port, AbortSignal.any([signal, AbortSignal.timeout(startMs)]), () => server.exitCode !== null)
  } catch (error) {
    await leave()
    throw new Error('node-media-server did not start', { cause: error })
  }
  const { pid } = server
  if (pid === undefined) throw new Error('node-media-server has no process id')
  return {
    open: async (tracks) => Array.from({ length: tracks }, (_, stream) => `rtmp://127.0.0.1:${port}/bench/s${stream}`),
    pids: async () => [pid],
    finish: async (options) => {
      await quiet(recordings, options)
      await leave()
    },
    filesOf: async (stream) => {
      const folder = join(recordings, 'bench', `s${stream}`)
      const names = await readdir(folder).catch(() => []) // it makes the folder when the stream comes
      return names.sort().map((name) => join(folder, name))
    },
    framesIn: flvFrames,
    [Symbol.asyncDispose]: leave
  }
}

async function quiet (folder: string, { signal }: { signal: AbortSignal }): Promise<void> {
  for (let [before, now] = [-1, await bytesIn(folder)]; before !== now; [before, now] = [now, await bytesIn(folder)]) {
    await delay(quietMs, undefined, { signal })
  }
}

async function bytesIn (folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const sizes = await Promise.all(entries.filter((entry) => entry.isFile()).map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
