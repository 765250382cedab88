import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:fs'
import { access, mkdir, readFile, writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Contestant } from './contestant.ts'
import { flvFrames } from './flv-frames.ts'
import { childrenOf } from './usage.ts'

export const nginxInstall = 'apt-get install nginx libnginx-mod-rtmp (without starting its service)'

const modulePath = '/usr/lib/nginx/modules/ngx_rtmp_module.so'
const startMs = 10_000
const leaveMs = 10_000
const pollMs = 20

/** Where Debian's nginx is, if it and its RTMP module are installed. */
export async function findNginx (): Promise<string | undefined> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  const programs = await Promise.all(folders.map(async (folder) => await canRun(join(folder, 'nginx')) ? join(folder, 'nginx') : undefined))
  const program = programs.find((path) => path !== undefined)
  return program !== undefined && await canRead(modulePath) ? program : undefined
}

/** An nginx of our own, with a configuration of our own: every stream into an FLV file, the same number of workers as we have threads. */
export async function startNginx (
  { program, directory, threads }: { program: string, directory: string, threads: number },
  { signal }: { signal: AbortSignal }
): Promise<Contestant> {
  const recordings = join(directory, 'recordings')
  const configPath = join(directory, 'nginx.conf')
  const logPath = join(directory, 'error.log')
  const port = await freePort()
  await mkdir(recordings, { recursive: true })
  await writeFile(configPath, configuration({ directory, recordings, port, threads }))

  const nginx = spawn(program, ['-e', logPath, '-p', directory, '-c', configPath], { stdio: 'ignore' })
  const exited = once(nginx, 'exit')
  const leave = async (): Promise<void> => {
    nginx.kill('SIGQUIT') // workers go when their connections are done
    const late = setTimeout(() => { nginx.kill('SIGTERM') }, leaveMs)
    await exited
    clearTimeout(late)
  }
  try {
    await accepting(port, AbortSignal.any([signal, AbortSignal.timeout(startMs)]), () => nginx.exitCode !== null)
  } catch (error) {
    await leave()
    throw new Error(`nginx did not start: ${await readFile(logPath, 'utf8').catch(() => 'no log')}`, { cause: error })
  }
  const { pid } = nginx
  if (pid === undefined) throw new Error('nginx has no process id')
  return {
    open: async (tracks) => Array.from({ length: tracks }, (_, stream) => `rtmp://127.0.0.1:${port}/bench/${streamName(stream)}`),
    pids: async () => [pid, ...await childrenOf(pid)],
    finish: leave,
    async * framesOf (stream) { yield * flvFrames(await readFile(join(recordings, `${streamName(stream)}.flv`))) },
    [Symbol.asyncDispose]: leave
  }
}

function streamName (stream: number): string { return `s${stream}` }

function configuration ({ directory, recordings, port, threads }: { directory: string, recordings: string, port: number, threads: number }): string {
  return `load_module ${modulePath};
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes ${threads};
pid ${join(directory, 'nginx.pid')};
events { worker_connections 16384; }
rtmp {
  access_log off;
  server {
    listen 127.0.0.1:${port};
    chunk_size 4096;
    application bench {
      live on;
      record all;
      record_path ${recordings};
    }
  }
}
`
}

async function accepting (port: number, signal: AbortSignal, isGone: () => boolean): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    if (isGone()) throw new Error('it has left')
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return
    } catch {
      await delay(pollMs, undefined, { signal }) // not there yet
    } finally {
      socket.destroy()
    }
  }
}

async function freePort (): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function canRun (path: string): Promise<boolean> { return access(path, constants.X_OK).then(() => true, () => false) }
async function canRead (path: string): Promise<boolean> { return access(path, constants.R_OK).then(() => true, () => false) }
