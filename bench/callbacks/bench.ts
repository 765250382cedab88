import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../../src/core/errors.ts'
import { describeMachine } from '../capture/report.ts'
import { startCountedPostgres } from '../rooms/statements.ts'
import { help, parseOptions, type CallbacksOptions } from './options.ts'
import { legend, render } from './report.ts'
import { runRound, type CallbacksRound } from './round.ts'

/** `npm run bench -- callbacks`: fails when a callback was not delivered, or not once. */
export async function callbacksBench (args: string[], { signal }: { signal: AbortSignal }): Promise<void> {
  const options = parseOptions(args)
  if (options.help) {
    process.stdout.write(help)
    return
  }
  if (process.platform !== 'linux') throw new Error('the callbacks bench reads /proc and runs on Linux only')
  const machine = describeMachine()
  const { rounds, broken } = await measure(options, { signal })

  process.stdout.write(`${machine.cores} cores (${machine.model}), ${machine.system}, node ${machine.node}, load average ${machine.loadAverage.join(' ')}\n`)
  process.stdout.write(`${options.backlog} deliveries wait, ${options.perSecond} events come in a second\n\n`)
  process.stdout.write(`${render(rounds, process.stdout.isTTY ? process.stdout.columns : 130)}\n${legend}`)
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify({ bench: 'callbacks', machine, options, rounds, broken }, null, 2)}\n`)
  const faults = rounds.flatMap(({ database, endpoints, answerMs, faults }) => faults.map((fault) => `${database}, ${endpoints} endpoints, ${answerMs} ms: ${fault}`))
  if (faults.length + broken.length > 0) throw new Error([...faults, ...broken].join('\n'))
}

async function measure (options: CallbacksOptions, { signal }: { signal: AbortSignal }): Promise<{ rounds: CallbacksRound[], broken: string[] }> {
  const { databases, audiences, answerMs, rounds } = options
  const measured: CallbacksRound[] = []
  const broken: string[] = []
  await using stack = new AsyncDisposableStack()
  const server = databases.includes('postgres') ? stack.use(await startCountedPostgres()) : undefined
  const variants = audiences.flatMap((audience) => answerMs.flatMap((each) => Array.from({ length: rounds }, () => ({ ...audience, answerMs: each }))))
  for (const [index, variant] of variants.entries()) {
    for (const name of databases) {
      const what = `${variant.endpoints} endpoints, ${variant.answerMs} ms, ${name}`
      process.stderr.write(`${what}\n`)
      const directory = await mkdtemp(join(options.directory, 'roomtape-bench-'))
      const database = name === 'postgres' && server !== undefined ? { name, server, databaseName: `callbacks_${index}` } : { name: 'embedded' as const }
      try {
        measured.push(await runRound({ ...options, ...variant, directory, database }, { signal }))
      } catch (error) {
        signal.throwIfAborted()
        broken.push(`${what}: ${messageOf(error)}`)
      } finally {
        await rm(directory, { recursive: true, force: true })
      }
    }
  }
  return { rounds: measured, broken }
}
