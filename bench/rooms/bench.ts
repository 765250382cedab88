import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../../src/core/errors.ts'
import { checkOpenFiles } from '../capture/open-files.ts'
import { describeMachine } from '../capture/report.ts'
import { punctualMs } from '../capture/round.ts'
import { help, parseOptions, type RoomsOptions } from './options.ts'
import { legend, render } from './report.ts'
import { endMsLimit, runRound, type RoomsRound } from './round.ts'
import { startCountedPostgres } from './statements.ts'

/** `npm run bench -- rooms`: fails when a room did not get what it has to get, or not in time. */
export async function roomsBench (args: string[], { signal }: { signal: AbortSignal }): Promise<void> {
  const options = parseOptions(args)
  if (options.help) {
    process.stdout.write(help)
    return
  }
  if (process.platform !== 'linux') throw new Error('the rooms bench reads /proc and runs on Linux only')
  await checkOpenFiles(Math.max(...options.rooms) * options.anchors)
  const machine = describeMachine()
  const { rounds, broken } = await measure(options, { signal })

  const { seconds, beginsPerSecond, lateMs } = options
  process.stdout.write(`${machine.cores} cores (${machine.model}), ${machine.system}, node ${machine.node}, load average ${machine.loadAverage.join(' ')}\n`)
  process.stdout.write(`${beginsPerSecond} rooms begin in a second, all talk for ${seconds} s, audio comes ${lateMs} ms late\n\n`)
  process.stdout.write(`${render(rounds, process.stdout.isTTY ? process.stdout.columns : 100)}\n${legend}`)
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify({ bench: 'rooms', machine, options, rounds, broken }, null, 2)}\n`)
  judge(rounds, broken)
}

/** The databases take turns, every other time in the opposite order. @returns what was measured, and why other rounds broke off */
async function measure (options: RoomsOptions, { signal }: { signal: AbortSignal }): Promise<{ rounds: RoomsRound[], broken: string[] }> {
  const { databases, rounds } = options
  const measured: RoomsRound[] = []
  const broken: string[] = []
  await using stack = new AsyncDisposableStack()
  const server = databases.includes('postgres') ? stack.use(await startCountedPostgres()) : undefined
  for (const rooms of options.rooms) {
    for (let round = 0; round < rounds; round++) {
      for (const name of round % 2 === 0 ? databases : databases.toReversed()) {
        say(`${rooms} rooms, round ${round + 1} of ${rounds}, ${name}`)
        const directory = await mkdtemp(join(options.directory, 'roomtape-bench-'))
        const database = name === 'postgres' && server !== undefined ? { name, server, databaseName: `round_${measured.length + broken.length + 1}` } : { name: 'embedded' as const }
        try {
          measured.push(await runRound({ ...options, rooms, directory, database }, { signal }))
        } catch (error) {
          signal.throwIfAborted()
          broken.push(`${rooms} rooms, ${name}: ${messageOf(error)}`)
        } finally {
          await rm(directory, { recursive: true, force: true })
        }
      }
    }
  }
  return { rounds: measured, broken }
}

/** With more than this of other work the machine was not a quiet one, and times are no better than an upper bound. */
const quietCores = 0.1

/** @throws Error when a room was not recorded as it has to be */
function judge (rounds: readonly RoomsRound[], broken: readonly string[]): void {
  for (const { rooms, database, lateMaxMs, warnings, begin, talk, end } of rounds) {
    const round = `${rooms} rooms, ${database}`
    if (lateMaxMs > punctualMs) say(`${round}: a frame was sent ${lateMaxMs.toFixed(0)} ms late, so this round counts for nothing`)
    const othersCores = Math.max(...[begin, talk, end].map((phase) => phase.othersCores))
    if (othersCores > quietCores) say(`${round}: others had up to ${othersCores.toFixed(1)} cores of this machine, so its times say little`)
    for (const [message, times] of Object.entries(warnings)) say(`${round}: the gateway warned ${times} times: ${message}`)
  }
  const faults = rounds.flatMap(({ rooms, database, unfinished, faults }) => [
    ...unfinished === 0 ? [] : [`${unfinished} rooms were not done after ${endMsLimit / 1000} s`], ...faults
  ].map((fault) => `${rooms} rooms, ${database}: ${fault}`))
  if (faults.length + broken.length > 0) throw new Error([...faults, ...broken].join('\n'))
}

function say (text: string): void {
  process.stderr.write(`${text}\n`)
}
