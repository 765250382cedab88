import { messageOf } from '../src/core/errors.ts'
import { callbacksBench } from './callbacks/bench.ts'
import { captureBench } from './capture/bench.ts'
import { killBench } from './kill/bench.ts'
import { roomsBench } from './rooms/bench.ts'
import { segmentsBench } from './segments/bench.ts'

/** The benches by name. Each takes what stands behind its name on the command line. */
const benches: Record<string, (args: string[], options: { signal: AbortSignal }) => Promise<void>> = {
  callbacks: callbacksBench,
  capture: captureBench,
  kill: killBench,
  rooms: roomsBench,
  segments: segmentsBench
}

const names = Object.keys(benches).join(', ')
const help = `Measurements, as ratios within one run on one machine.

  npm run bench -- NAME [OPTIONS]    NAME is one of: ${names}
  npm run bench -- NAME --help
`

const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => { interrupted.abort(new Error(`stopped by ${signal}`)) })

try {
  const [name, ...args] = process.argv.slice(2)
  if (name === undefined || name === '--help' || name === '-h') {
    process.stdout.write(help)
  } else {
    const bench = Object.hasOwn(benches, name) ? benches[name] : undefined
    if (bench === undefined) throw new Error(`there is no bench '${name}', expected one of: ${names}`)
    await bench(args, { signal: interrupted.signal })
  }
} catch (error) {
  // The error of an aborted wait says only that it was aborted
  process.stderr.write(`${messageOf(interrupted.signal.aborted ? interrupted.signal.reason : error)}\n`)
  process.exitCode = 1
}
