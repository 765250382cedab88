import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Contestant, Peer, Place } from './contestant.ts'
import { flvFrames } from './flv-frames.ts'
import { findProgram, freePorts } from './peers.ts'

/** A limit for probing: our numbered frames do not decode, and FFmpeg would go on trying for 90 s. */
const probing = ['-analyzeduration', '1000000']
/** Has FFmpeg write audio as it comes, as nginx and node-media-server do. Without it half a minute waits in a buffer. */
const flushing = ['-flush_packets', '1']
const pollMs = 20
const leaveMs = 10_000

/** One FFmpeg for each stream, as people do it who need no server. */
export const ffmpeg: Peer = {
  name: 'ffmpeg -listen',
  maxTracks: 100,
  install: 'apt-get install ffmpeg',
  find: async () => {
    const program = await findProgram('ffmpeg')
    return program === undefined ? undefined : (place) => startFfmpeg(program, place)
  }
}

async function startFfmpeg (program: string, { directory }: Place): Promise<Contestant> {
  const recordings = join(directory, 'recordings')
  await mkdir(recordings, { recursive: true })
  const fileOf = (stream: number): string => join(recordings, `s${stream}.flv`)
  const running: { process: ChildProcess, exited: Promise<unknown> }[] = []
  const leave = async (signal: NodeJS.Signals): Promise<void> => {
    for (const { process } of running) process.kill(signal)
    const late = setTimeout(() => { for (const { process } of running) process.kill('SIGKILL') }, leaveMs)
    await Promise.all(running.map(({ exited }) => exited))
    clearTimeout(late)
  }
  return {
    open: async (tracks, { signal }) => {
      const ports = await freePorts(tracks)
      const urls = ports.map((port, stream) => `rtmp://127.0.0.1:${port}/bench/s${stream}`)
      for (const [stream, url] of urls.entries()) {
        const args = ['-nostdin', '-loglevel', 'error', ...probing, '-listen', '1', '-i', url, '-c', 'copy', ...flushing, '-f', 'flv', fileOf(stream)]
        const process = spawn(program, args, { stdio: 'ignore' })
        running.push({ process, exited: once(process, 'exit') })
      }
      // Not by trying: the first connection is the one that each of them takes
      while (!await allListen(ports)) await delay(pollMs, undefined, { signal })
      return urls
    },
    pids: async () => running.flatMap(({ process: { pid } }) => pid ?? []),
    finish: async () => { await Promise.all(running.map(({ exited }) => exited)) }, // each ends with its stream
    filesOf: async (stream) => [fileOf(stream)],
    framesIn: flvFrames,
    [Symbol.asyncDispose]: () => leave('SIGTERM')
  }
}

async function allListen (ports: readonly number[]): Promise<boolean> {
  const lines = (await readFile('/proc/net/tcp', 'utf8')).split('\n')
  const listening = new Set(lines.flatMap((line) => {
    const [, port, state] = /^ *\d+: [0-9A-F]{8}:([0-9A-F]{4}) [0-9A-F:]+ ([0-9A-F]{2})/.exec(line) ?? []
    return port !== undefined && state === '0A' ? [Number.parseInt(port, 16)] : []
  }))
  return ports.every((port) => listening.has(port))
}
