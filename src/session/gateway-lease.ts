import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { RoomtapeError } from '../core/errors.ts'
import { workLapsesMs, type WorkingGateway, type WorkingRow } from '../state/working-gateway.ts'

export interface GatewayLeaseOptions {
  row: WorkingRow
  log: Pick<Logger, 'info' | 'warn' | 'error'>
  /** By a clock that is never set and runs on while the process stands still; `performance.now()` by default. */
  nowMs?: () => number
  sleep?: (ms: number) => Promise<unknown>
}

/** How often the row is told that we are alive. */
const beatEveryMs = 2_000
/** How long a start waits for another gateway to end or to lapse. */
const patienceMs = 15_000
const lookEveryMs = 500

/**
 * The lease by which one process at a time works on a database. While it holds it takes recordings and answers TRTC; a process that finds
 * another's id in the row has lost it for good and has to end. A database that is away loses nothing: then it is only not confirmed.
 *
 * A confirmation counts from before it was asked for, so it ends here before it ends in the database, and no two processes ever have one
 * at a time. A process that stood still (SIGSTOP, a machine that swaps) finds its confirmation old as soon as it looks.
 */
export class GatewayLease {
  /** Resolves when another process has taken over. */
  readonly lost: Promise<RoomtapeError>
  readonly #options: Required<GatewayLeaseOptions>
  readonly #lose: (error: RoomtapeError) => void
  #state: 'none' | 'held' | 'freed' | 'lost' = 'none'
  #confirmedMs = -Infinity
  #beating: Promise<void> | undefined
  #beats: NodeJS.Timeout | undefined

  constructor (options: GatewayLeaseOptions) {
    this.#options = { nowMs: () => performance.now(), sleep: wait, ...options }
    const { promise, resolve } = Promise.withResolvers<RoomtapeError>()
    this.lost = promise
    this.#lose = resolve
  }

  /** Whether this process works, and nobody else can. */
  get confirmed (): boolean {
    return this.#state === 'held' && this.#options.nowMs() - this.#confirmedMs < workLapsesMs
  }

  /** Whether this process works as far as it knows: it may not be able to tell at present, as the database is away. */
  get held (): boolean { return this.#state === 'held' }

  /**
   * Takes the lease, and keeps it by a sign of life every two seconds.
   * @throws RoomtapeError DATABASE_IN_USE, naming the owner, when that does not end or lapse within 15 s
   */
  async take (): Promise<void> {
    const { row, log, nowMs, sleep } = this.#options
    const untilMs = nowMs() + patienceMs
    for (let tries = 1; ; tries++) {
      const sentMs = nowMs()
      if (await row.take()) {
        this.#confirmedMs = sentMs
        break
      }
      const owner = await row.owner()
      if (nowMs() >= untilMs) {
        throw new RoomtapeError('DATABASE_IN_USE', `${nameOf(owner)} works on this database: stop it first, there can be one gateway at a time`)
      }
      if (tries === 1) log.info({ owner }, 'another gateway works on this database: waiting for it to end')
      await sleep(lookEveryMs)
    }
    this.#state = 'held'
    this.#beats = setInterval(() => { void this.beat() }, beatEveryMs).unref()
  }

  /** Says that we are alive, and finds out whether we still work. One at a time. */
  async beat (): Promise<void> {
    if (this.#state !== 'held') return
    this.#beating ??= this.#beat().finally(() => { this.#beating = undefined })
    await this.#beating
  }

  /** Lets another process work at once. */
  async free (): Promise<void> {
    clearInterval(this.#beats)
    const wasHeld = this.#state === 'held'
    if (wasHeld) this.#state = 'freed'
    await this.#beating // or it would take back what is free
    if (wasHeld) await this.#options.row.free()
  }

  async #beat (): Promise<void> {
    const { row, log, nowMs } = this.#options
    const sentMs = nowMs()
    try {
      if (await row.keep()) {
        this.#confirmedMs = sentMs
        return
      }
    } catch (err) {
      log.warn({ err }, 'sign of life not written')
      return
    }
    if (this.#state !== 'held') return
    this.#state = 'lost'
    clearInterval(this.#beats)
    const owner = await row.owner().catch(() => undefined)
    const error = new RoomtapeError('DATABASE_IN_USE', `${nameOf(owner)} has taken this database over, since this process gave no sign of life for too long`)
    log.error({ owner }, 'another gateway has taken over: this one ends')
    this.#lose(error)
  }
}

function nameOf (owner: WorkingGateway | undefined): string {
  if (owner === undefined) return 'another gateway'
  const { processId, nodeId, host, silentMs } = owner
  return `${processId} of ${nodeId} on host '${host}', last seen ${(silentMs / 1000).toFixed(1)} s ago,`
}
