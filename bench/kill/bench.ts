import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { wholeNumber } from '../whole-number.ts'
import { check, type Remains } from './check.ts'
import { recordAndKill } from './killed.ts'

/** The earliest moment of a kill: the first frames have come, and no file is there yet. */
const earliestMs = 200
/** The latest moment of a kill: long after the first fragments. */
const latestMs = 4_000
const lostMsLimit = 1_000

const help = `What kill -9 costs: a process that records N live streams is killed at a random moment, its spool is salvaged, and every file is played by FFmpeg.

  npm run bench -- kill [OPTIONS]

  --times K        kills (default 30)
  --tracks N       streams under way at each (default 50)
  --seed S         of the random moments (default: another each time)
  --dir DIR        records below DIR (default ${tmpdir()}); removed afterwards
  --json FILE      writes what was left of every track to FILE
`

/** `npm run bench -- kill`: fails when more than a second of received audio is missing somewhere, or a file is not as it should be. */
export async function killBench (args: string[], { signal }: { signal: AbortSignal }): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      times: { type: 'string', default: '30' },
      tracks: { type: 'string', default: '50' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      dir: { type: 'string', default: tmpdir() },
      json: { type: 'string' }
    }
  })
  if (values.help) {
    process.stdout.write(help)
    return
  }
  const times = wholeNumber('--times', values.times, 10_000)
  const tracks = wholeNumber('--tracks', values.tracks, 1_000)
  const seed = wholeNumber('--seed', values.seed, 2 ** 32 - 1)
  process.stdout.write(`seed ${seed}\n`)
  const remains = await killAll({ moments: momentsOf(seed, times), tracks, directory: values.dir }, { signal })
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ bench: 'kill', seed, times, tracks, remains }, null, 2)}\n`)
  judge(remains)
}

async function killAll (
  { moments, tracks, directory }: { moments: number[], tracks: number, directory: string }, { signal }: { signal: AbortSignal }
): Promise<Remains[]> {
  const all: Remains[] = []
  const folder = await mkdtemp(join(directory, 'roomtape-kill-'))
  try {
    // The next process starts and records while the files of the one before are played
    let checking = Promise.resolve()
    for (const [time, afterMs] of moments.entries()) {
      const killed = await recordAndKill({ spoolDir: join(folder, String(time)), tracks, afterMs }, { signal })
      await checking
      checking = check(killed).then((remains) => {
        all.push(...remains)
        process.stderr.write(`${time + 1}: killed after ${afterMs} ms, worst loss ${Math.max(...remains.map(({ lostMs }) => lostMs)).toFixed(0)} ms\n`)
      })
      checking.catch(() => undefined) // awaited above and below
    }
    await checking
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return all
}

function judge (remains: readonly Remains[]): void {
  const lost = remains.map(({ lostMs }) => lostMs).sort((a, b) => a - b)
  const files = remains.reduce((sum, track) => sum + track.files, 0)
  const [median = 0, worst = 0] = [lost[Math.floor(lost.length / 2)], lost.at(-1)]
  process.stdout.write(`${remains.length} tracks, ${files} files played; received audio that is missing: worst ${worst.toFixed(0)} ms, median ${median.toFixed(0)} ms\n`)
  const faults = remains.flatMap(({ trackId, faults }) => faults.map((fault) => `${trackId}: ${fault}`))
  if (faults.length > 0) throw new Error(faults.join('\n'))
  if (worst > lostMsLimit) throw new Error(`more than ${lostMsLimit} ms are missing`)
}

/** Random moments, the same for the same seed: mulberry32. */
function momentsOf (seed: number, count: number): number[] {
  let state = seed
  return Array.from({ length: count }, () => {
    state = state + 0x6D2B79F5 | 0
    let mixed = Math.imul(state ^ state >>> 15, state | 1)
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61)
    const share = ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32
    return Math.round(earliestMs + share * (latestMs - earliestMs))
  })
}
