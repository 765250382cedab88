import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Peer, Start } from './contestant.ts'
import { ffmpeg } from './ffmpeg.ts'
import { nginx } from './nginx.ts'
import { nodeMediaServer } from './node-media-server.ts'
import { checkOpenFiles } from './open-files.ts'
import { help, parseOptions, type CaptureOptions } from './options.ts'
import { describeMachine, render, summarize, type Measured } from './report.ts'
import { startRoomtape } from './roomtape.ts'
import { punctualMs, runRound, type Round } from './round.ts'

const ours = 'roomtape'

interface Contender { name: string, maxTracks: number, start: Start }

/** `npm run bench -- capture`: what recording relay tracks costs, beside its peers. */
export async function captureBench (args: string[], { signal }: { signal: AbortSignal }): Promise<void> {
  const options = parseOptions(args)
  if (options.help) {
    process.stdout.write(help)
    return
  }
  if (process.platform !== 'linux') throw new Error('the capture bench reads /proc and runs on Linux only')
  await checkOpenFiles(Math.max(...options.tracks))
  const machine = describeMachine()
  const { profile, segmentSeconds } = options
  const contenders: Contender[] = [{ name: ours, maxTracks: Infinity, start: (place, { signal }) => startRoomtape(place, { profile, segmentSeconds, signal }) }]
  // nginx is next to both its neighbours: it is what they are compared with
  if (options.peers) contenders.push(...await installed([nginx, nodeMediaServer(options.nodeMediaServer), ffmpeg]))

  const all: Measured[] = []
  for (const tracks of options.tracks) all.push(await measure(tracks, contenders.filter(({ maxTracks }) => tracks <= maxTracks), options, { signal }))

  const lines = all.flatMap(summarize)
  process.stdout.write(`${machine.cores} cores (${machine.model}), ${machine.system}, node ${machine.node}, load average ${machine.loadAverage.join(' ')}\n`)
  process.stdout.write(`median of ${options.rounds}, ${options.seconds} s each, ${options.threads} threads; ratio: CPU per track, nginx-rtmp = 1\n\n`)
  process.stdout.write(render(lines, process.stdout.isTTY ? process.stdout.columns : 180))
  const rounds = all.flatMap((measured) => [...measured].flatMap(([recorder, rounds]) => rounds.map((round) => ({ recorder, ...round }))))
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify({ bench: 'capture', machine, options, summary: lines, rounds }, null, 2)}\n`)
  judge(rounds)
}

async function installed (peers: readonly Peer[]): Promise<Contender[]> {
  const found = await Promise.all(peers.map(async (peer) => {
    const start = await peer.find()
    if (start === undefined) say(`${peer.name} is not installed and left out: ${peer.install}`)
    return start === undefined ? [] : [{ name: peer.name, maxTracks: peer.maxTracks, start }]
  }))
  return found.flat()
}

/** The contenders take turns, every other time in the opposite order. */
async function measure (tracks: number, contenders: readonly Contender[], options: CaptureOptions, { signal }: { signal: AbortSignal }): Promise<Measured> {
  const { threads, rounds, seconds } = options
  const measured = new Map<string, Round[]>(contenders.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const { name, start } of round % 2 === 0 ? contenders : contenders.toReversed()) {
      say(`${tracks} tracks, round ${round + 1} of ${rounds}, ${name}`)
      const directory = await mkdtemp(join(options.directory, 'roomtape-bench-'))
      try {
        await using contestant = await start({ directory, threads }, { signal })
        measured.get(name)?.push(await runRound(contestant, { tracks, seconds }, { signal }))
      } finally {
        await rm(directory, { recursive: true, force: true })
      }
    }
  }
  return measured
}

/** @throws Error when a measurement of ours is none */
function judge (rounds: readonly (Round & { recorder: string })[]): void {
  const late = rounds.filter(({ lateMaxMs }) => lateMaxMs > punctualMs)
  for (const { recorder, tracks, lateMaxMs, framesFilled } of late) {
    const filled = framesFilled === 0 ? '' : `; ${framesFilled} frames of silence were written in their place`
    say(`${recorder} with ${tracks} tracks: frames were sent up to ${lateMaxMs.toFixed(0)} ms late, so this round counts for no ratio${filled}`)
  }
  const wrong = rounds.filter(({ recorder, framesLost, framesWrong }) => recorder === ours && framesLost + framesWrong > 0)
  if (wrong.length > 0) throw new Error('not every frame that was sent is in the files')
}

function say (text: string): void {
  process.stderr.write(`${text}\n`)
}
