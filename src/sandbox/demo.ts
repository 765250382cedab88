import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '../core/errors.ts'
import { parseArguments } from '../core/parse-arguments.ts'
import { commandsFor } from './demo/commands.ts'
import { Narrator } from './demo/narrator.ts'
import type { DemoReport } from './demo/record.ts'
import { tableOf } from './demo/table.ts'
import type { World } from './demo/world.ts'
import type { Receiver } from './receiver.ts'

const help = `Records a TRTC room of three people, each in a file of their own,
with everything on this machine. Takes about 25 seconds.

  npm run demo [-- [--json] [--keep] [--factor N]]

  --json      prints the result as one JSON object; what happens
              meanwhile is told on the error output (npm's own
              lines go with npm run -s)
  --keep      leaves the gateway running afterwards and prints
              commands to try, until Ctrl-C
  --factor N  stretches the times at which people come and go (1)

The files are left in ./demo-recordings for listening.
`

const options = {
  json: { type: 'boolean', default: false },
  keep: { type: 'boolean', default: false },
  factor: { type: 'string', default: '1' },
  help: { type: 'boolean', short: 'h', default: false }
} as const

const outDir = 'demo-recordings'
const interruptedExitCode = 130

async function run ({ json, keep, ...values }: { json: boolean, keep: boolean, factor: string }, stop: AbortSignal): Promise<void> {
  const factor = Number(values.factor)
  if (!(factor > 0)) throw new Error(`--factor must be a number above 0, not '${values.factor}'`)
  const narrator = new Narrator(json ? process.stderr : process.stdout)
  narrator.print('Roomtape demo: three people in a TRTC room, each recorded', 'bold')
  narrator.print('alone. Everything runs on this machine.')
  narrator.print()
  // Loading the gateway takes a second or more: by now something is on the screen.
  const { startWorld } = await import('./demo/world.ts')
  const { record } = await import('./demo/record.ts')

  await narrator.step(`making ./${outDir}`, () => mkdir(outDir, { recursive: true }))
  const folder = await narrator.step('making a temporary folder', () => mkdtemp(join(tmpdir(), 'roomtape-demo-')))
  const logFile = `${folder}.log`
  try {
    await using parts = new AsyncDisposableStack()
    parts.defer(() => rm(folder, { recursive: true, force: true }))
    const world = await startWorld({ folder, logFile, narrator, parts, signal: stop })
    const report = await record(world, { narrator, outDir, factor, signal: stop })
    if (json) process.stdout.write(`${JSON.stringify(report)}\n`)
    else show(report, narrator)
    if (keep) await keepRunning(world, narrator, stop)
  } catch (error) {
    if (stop.aborted) await rm(logFile, { force: true })
    throw existsSync(logFile) ? new Error(`${messageOf(error)} (log of the gateway: ${logFile})`, { cause: error }) : error
  }
  await rm(logFile)
}

function show ({ Files, ElapsedMs }: DemoReport, narrator: Narrator): void {
  const [head = '', ...rows] = tableOf(Files)
  narrator.print()
  narrator.print(head, 'bold')
  for (const row of rows) narrator.print(row)
  narrator.print()
  narrator.print(`Done in ${Math.round(ElapsedMs / 1000)} s. Listen to them: ${outDir}/`)
}

async function keepRunning (world: World, narrator: Narrator, stop: AbortSignal): Promise<void> {
  narrator.print()
  narrator.print('The gateway goes on until Ctrl-C. In another shell:', 'bold')
  narrator.print()
  narrator.print(commandsFor(world))
  await tellCallbacks(world.sandbox.receiver, narrator, stop).catch((error: unknown) => { if (!stop.aborted) throw error })
}

async function tellCallbacks (receiver: Receiver, narrator: Narrator, signal: AbortSignal): Promise<never> {
  for (;;) {
    const { body, signature } = await receiver.next(() => true, { signal })
    const { Type, RecordingId } = body as { Type: string, RecordingId: string }
    narrator.say(`callback ${Type}, signature ${signature}`)
    narrator.print(`         ${RecordingId}`)
  }
}

const stop = new AbortController()
const interrupt = (): void => { stop.abort(new Error('interrupted')) }
process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
process.stdout.on('error', interrupt) // nobody reads any more
try {
  const { values } = parseArguments({ options })
  if (values.help) process.stdout.write(help)
  else await run(values, stop.signal)
} catch (error) {
  if (stop.signal.aborted) {
    process.stderr.write('demo: interrupted\n')
    process.exitCode = interruptedExitCode
  } else {
    process.stderr.write(`demo failed: ${messageOf(error)}\n`)
    process.exitCode = 1
  }
}
