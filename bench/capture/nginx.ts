import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Contestant, Peer, Place } from './contestant.ts'
import { flvFrames } from './flv-frames.ts'
import { accepting, canRead, findProgram, freePorts } from './peers.ts'
import { childrenOf } from './usage.ts'

const modulePath = '/usr/lib/nginx/modules/ngx_rtmp_module.so'
const startMs = 10_000
const leaveMs = 10_000

/** Debian's nginx with its RTMP module. */
export const nginx: Peer = {
  name: 'nginx-rtmp',
  maxTracks: Infinity,
  install: 'apt-get install nginx libnginx-mod-rtmp (without starting its service)',
  find: async () => {
    const program = await findProgram('nginx')
    return program !== undefined && await canRead(modulePath) ? (place, options) => startNginx(program, place, options) : undefined
  }
}

/** An nginx of our own, with a configuration of our own: every stream into an FLV file, the same number of workers as we have threads. */
async function startNginx (program: string, { directory, threads }: Place, { signal }: { signal: AbortSignal }): Promise<Contestant> {
  const recordings = join(directory, 'recordings')
  const configPath = join(directory, 'nginx.conf')
  const logPath = join(directory, 'error.log')
  const [port = 0] = await freePorts(1)
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
    filesOf: async (stream) => [join(recordings, `${streamName(stream)}.flv`)],
    framesIn: flvFrames,
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
