import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Contestant } from './contestant.ts'
import { findNginx, nginxInstall, startNginx } from './nginx.ts'
import { help, parseOptions, type CaptureOptions } from './options.ts'
import { describeMachine, render, summarize, type Measured } from './report.ts'
import { startRoomtape } from './roomtape.ts'
import { punctualMs, runRound, type Round } from './round.ts'

type Start = (directory: string) => Promise<Contestant>

/** `npm run bench -- capture`: what recording relay tracks costs, beside nginx-rtmp. */
export async function captureBench (args: string[], { signal }: { signal: AbortSignal }): Promise<void> {
  const options = parseOptions(args)
  if (options.help) {
    process.stdout.write(help)
    return
  }
  if (process.platform !== 'linux') throw new Error('the capture bench reads /proc and runs on Linux only')
  const machine = describeMachine()
  const nginx = options.peers ? await findNginx() : undefined
  if (options.peers && nginx === undefined) say(`nginx-rtmp is not installed, so there is nothing to compare with: ${nginxInstall}`)

  const all: Measured[] = []
  for (const tracks of options.tracks) all.push(await measure(tracks, nginx, options, { signal }))

  const lines = all.flatMap(summarize)
  process.stdout.write(`${machine.cores} cores (${machine.model}), ${machine.system}, node ${machine.node}, load average ${machine.loadAverage.join(' ')}\n`)
  process.stdout.write(`median of ${options.rounds}, ${options.seconds} s each, ${options.threads} threads; ratio: CPU per track, nginx-rtmp = 1\n\n`)
  process.stdout.write(render(lines, process.stdout.isTTY ? process.stdout.columns : 160))
  const rounds = all.flatMap(({ roomtape, nginx }) => [
    ...roomtape.map((round) => ({ recorder: 'roomtape', ...round })),
    ...nginx.map((round) => ({ recorder: 'nginx-rtmp', ...round }))
  ])
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify({ bench: 'capture', machine, options, summary: lines, rounds }, null, 2)}\n`)
  judge(rounds)
}

/** The contestants take turns, and turns at being first. */
async function measure (tracks: number, nginx: string | undefined, options: CaptureOptions, { signal }: { signal: AbortSignal }): Promise<Measured> {
  const { threads, profile, rounds, seconds } = options
  const measured: Measured = { roomtape: [], nginx: [] }
  const ours = async (): Promise<void> => {
    measured.roomtape.push(await inFolder((directory) => startRoomtape({ directory, threads, profile }, { signal })))
  }
  const theirs = async (): Promise<void> => {
    if (nginx !== undefined) measured.nginx.push(await inFolder((directory) => startNginx({ program: nginx, directory, threads }, { signal })))
  }
  const inFolder = async (start: Start): Promise<Round> => {
    const directory = await mkdtemp(join(options.directory, 'roomtape-bench-'))
    try {
      await using contestant = await start(directory)
      return await runRound(contestant, { tracks, seconds }, { signal })
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  }
  for (let round = 0; round < rounds; round++) {
    say(`${tracks} tracks, round ${round + 1} of ${rounds}`)
    for (const turn of round % 2 === 0 ? [ours, theirs] : [theirs, ours]) await turn()
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
  const wrong = rounds.filter(({ recorder, framesLost, framesWrong }) => recorder === 'roomtape' && framesLost + framesWrong > 0)
  if (wrong.length > 0) throw new Error('not every frame that was sent is in the files')
}

function say (text: string): void {
  process.stderr.write(`${text}\n`)
}
