import { machineCpuSeconds, usageOf } from '../capture/usage.ts'
import { gatewayCpu } from './cpu.ts'
import type { CountedPostgres } from './statements.ts'

/** What one part of a round took. Cores are CPU-seconds in a second. */
export interface Phase {
  seconds: number
  mainCores: number
  /** All capture threads together. */
  captureCores: number
  /** The gateway's other threads: of V8 and libuv. */
  otherThreadsCores: number
  /** The processes that play TRTC and the tenant. */
  doublesCores: number
  postgresCores: number | undefined
  /** Anything else on this machine, the bench included. */
  othersCores: number
  /** Undefined with the embedded database, which counts nothing. */
  statements: number | undefined
}

interface MeterOptions {
  gatewayPid: number
  otherPids: readonly number[]
  database?: { server: CountedPostgres, databaseName: string }
}

type Reading = Awaited<ReturnType<Meter['read']>>

/** Reads CPU and counts of statements at the end of each part of a round. */
export class Meter {
  readonly #options: MeterOptions
  #last: Reading | undefined

  constructor (options: MeterOptions) {
    this.#options = options
  }

  async start (): Promise<void> { this.#last = await this.read() }

  /** What was used since `start` or the lap before. */
  async lap (): Promise<Phase> {
    const before = this.#last
    if (before === undefined) throw new Error('the meter was not started')
    const after = this.#last = await this.read()
    const seconds = (after.atMs - before.atMs) / 1000
    const cores = (of: (reading: Reading) => number): number => (of(after) - of(before)) / seconds
    const gateway = ({ gateway: { mainSeconds, captureSeconds, otherSeconds } }: Reading): number => mainSeconds + captureSeconds + otherSeconds
    const counted = this.#options.database !== undefined
    return {
      seconds,
      mainCores: cores(({ gateway }) => gateway.mainSeconds),
      captureCores: cores(({ gateway }) => gateway.captureSeconds),
      otherThreadsCores: cores(({ gateway }) => gateway.otherSeconds),
      doublesCores: cores(({ doublesSeconds }) => doublesSeconds),
      postgresCores: counted ? cores(({ database }) => database.cpuSeconds) : undefined,
      othersCores: cores((reading) => reading.machineSeconds - gateway(reading) - reading.doublesSeconds - reading.database.cpuSeconds),
      statements: counted ? after.database.statements - before.database.statements : undefined
    }
  }

  async read () {
    const { gatewayPid, otherPids, database } = this.#options
    const [gateway, doubles, machineSeconds, counts] = await Promise.all([
      gatewayCpu(gatewayPid), usageOf(otherPids), machineCpuSeconds(), database?.server.look(database.databaseName)
    ])
    return { atMs: performance.now(), gateway, doublesSeconds: doubles.cpuSeconds, machineSeconds, database: counts ?? { statements: 0, cpuSeconds: 0 } }
  }
}
