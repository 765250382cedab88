import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'node:test'
import fc from 'fast-check'
import { pino } from 'pino'
import { GatewayLease } from '../../../src/session/gateway-lease.ts'
import { workLapsesMs, type WorkingGateway, type WorkingRow } from '../../../src/state/working-gateway.ts'
import { runs } from '../../helpers/fuzz.ts'

const log = pino({ level: 'silent' })

/** A database with its one row, and the time; both as the processes of a test have them. */
class World {
  nowMs = 1_000_000
  isAway = false
  row: { processId: string, seenMs: number } | undefined
  readonly sleepers: Array<{ untilMs: number, wake: () => void }> = []

  async advance (ms: number): Promise<void> {
    this.nowMs += ms
    for (const { untilMs, wake } of this.sleepers) if (untilMs <= this.nowMs) wake()
    await settle()
  }
}

/** One process: while it stands still nothing it asked for comes back, and the time runs on. */
class Process {
  readonly lease: GatewayLease
  readonly #world: World
  readonly #name: string
  #thawed = Promise.resolve()
  #thaw: (() => void) | undefined
  lost = false
  started: 'waiting' | 'working' | 'refused' | undefined

  constructor (world: World, name: string) {
    this.#world = world
    this.#name = name
    this.lease = new GatewayLease({
      row: this.#row(),
      log,
      nowMs: () => world.nowMs,
      sleep: (ms) => this.#asked(() => new Promise<void>((resolve) => { world.sleepers.push({ untilMs: world.nowMs + ms, wake: resolve }) }))
    })
    void this.lease.lost.then(() => { this.lost = true })
  }

  get frozen (): boolean { return this.#thaw !== undefined }

  start (): void {
    this.started = 'waiting'
    this.lease.take().then(() => { this.started = 'working' }, () => { this.started = 'refused' })
  }

  freeze (): void {
    if (this.frozen) return
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.#thawed = promise.then(() => undefined)
    this.#thaw = () => { resolve(undefined) }
  }

  thaw (): void {
    this.#thaw?.()
    this.#thaw = undefined
  }

  #row (): WorkingRow {
    const world = this.#world
    const name = this.#name
    return {
      take: () => this.#asked(async () => {
        const silentMs = world.row === undefined ? Infinity : world.nowMs - world.row.seenMs
        if (silentMs <= workLapsesMs && world.row?.processId !== name) return false
        world.row = { processId: name, seenMs: world.nowMs }
        return true
      }),
      keep: () => this.#asked(async () => {
        if (world.row?.processId !== name) return false
        world.row.seenMs = world.nowMs
        return true
      }),
      free: () => this.#asked(async () => { if (world.row?.processId === name) world.row.seenMs = 0 }),
      times: () => this.#asked(async () => ({ awayForMs: undefined, awaySinceMs: undefined, clockOffsetMs: 0 })),
      owner: () => this.#asked(async () => world.row && {
        processId: world.row.processId, nodeId: 'node', bootId: 'boot', host: 'host', lockInode: '1', silentMs: world.nowMs - world.row.seenMs
      } satisfies WorkingGateway)
    }
  }

  /** What was asked for is done, unless the database is away; its answer waits for a process that stands still. */
  async #asked<T> (work: () => Promise<T>): Promise<T> {
    if (this.frozen) await this.#thawed
    const answer = this.#world.isAway ? Promise.reject(new Error('Connection terminated')) : work()
    answer.catch(() => undefined)
    await turn()
    await this.#thawed
    return answer
  }
}

async function settle (): Promise<void> {
  for (let turns = 0; turns < 8; turns++) await turn()
}

async function working (world: World, name: string): Promise<Process> {
  const process = new Process(world, name)
  process.start()
  await settle()
  assert.equal(process.started, 'working')
  return process
}

test('whoever holds it is confirmed for ten seconds from before it asked', async () => {
  const world = new World()
  const { lease } = await working(world, 'one')

  assert.equal(lease.confirmed, true)
  await world.advance(9_999)
  assert.equal(lease.confirmed, true)
  await world.advance(1)
  assert.equal(lease.confirmed, false)
  await lease.beat()
  assert.equal(lease.confirmed, true)
  await lease.free()
  assert.equal(lease.confirmed, false)
})

test('a start waits for another gateway, and is refused by its name after 15 seconds', async () => {
  const world = new World()
  const one = await working(world, 'one')
  const second = new Process(world, 'two')
  const refused = assert.rejects(second.lease.take(), { error: 'DATABASE_IN_USE', message: /^one of node on host 'host', last seen 0\.\d s ago, works on this database/ })
  for (let passedMs = 0; passedMs < 15_500; passedMs += 500) {
    await world.advance(500)
    await one.lease.beat()
  }

  await refused
  assert.equal(one.lease.confirmed, true)
  await one.lease.free()
})

test('an end in good order lets the next one work at once, a silent one after ten seconds', async () => {
  const world = new World()
  const one = await working(world, 'one')
  const two = new Process(world, 'two')
  two.start()
  await settle()
  await one.lease.free()
  await world.advance(500)
  assert.equal(two.started, 'working')

  const three = new Process(world, 'three')
  three.start()
  await settle()
  for (let passedMs = 0; passedMs < 10_000; passedMs += 500) await world.advance(500)
  assert.equal(three.started, 'waiting')
  await world.advance(500)
  assert.equal(three.started, 'working')
  await two.lease.beat()
  assert.equal(two.lost, true)
  await two.lease.free()
  assert.equal(world.row?.processId, 'three', 'what is lost is not freed')
  await three.lease.free()
})

test('a process that stood still is not confirmed from its first moment on, and has lost what another took meanwhile', async () => {
  const world = new World()
  const one = await working(world, 'one')
  const beat = one.lease.beat() // sent, and the answer waits
  one.freeze()
  await world.advance(10_001)
  const two = await working(world, 'two')
  await two.lease.free() // also when that one has gone again
  one.thaw()

  assert.equal(one.lease.confirmed, false)
  await beat
  assert.equal(one.lease.confirmed, false)
  await one.lease.beat()
  assert.equal(one.lost, true)
})

test('a database that is away is no loss, nor a long pause in which nobody came', async () => {
  const world = new World()
  const one = await working(world, 'one')
  world.isAway = true
  await world.advance(30_000)
  await one.lease.beat()
  assert.equal(one.lease.confirmed, false)
  world.isAway = false
  await one.lease.beat()

  assert.deepEqual([one.lease.confirmed, one.lost], [true, false])
  await one.lease.free()
})

test('an end while a sign of life is under way leaves the row free', async () => {
  const world = new World()
  const one = await working(world, 'one')
  void one.lease.beat()
  await one.lease.free()

  assert.equal(world.row?.seenMs, 0)
})

test('whatever happens to three gateways, no two are confirmed at a time, and in the end one works', async () => {
  const names = ['one', 'two', 'three'] as const
  const step = fc.oneof(
    fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 6_000 }) }),
    fc.record({ do: fc.constantFrom('start' as const, 'freeze' as const, 'thaw' as const, 'beat' as const, 'free' as const), who: fc.nat({ max: 2 }) }),
    fc.record({ do: fc.constantFrom('away' as const, 'back' as const) })
  )
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
    const world = new World()
    let lives = 0
    const processes = names.map((name) => new Process(world, name))
    const check = (): void => {
      const confirmed = processes.filter(({ lease }) => lease.confirmed)
      assert.ok(confirmed.length <= 1, `${confirmed.length} are confirmed`)
    }
    for (const each of steps) {
      switch (each.do) {
        case 'advance': await world.advance(each.ms); break
        case 'away': world.isAway = true; break
        case 'back': world.isAway = false; break
        case 'start': {
          const { started, lost } = processes[each.who]!
          if (started === 'waiting' || (started === 'working' && !lost)) break
          if (started !== undefined) processes[each.who] = new Process(world, `${names[each.who]!}-${++lives}`)
          processes[each.who]!.start()
          break
        }
        case 'freeze': processes[each.who]!.freeze(); break
        case 'thaw': processes[each.who]!.thaw(); break
        case 'beat': void processes[each.who]!.lease.beat(); break
        case 'free': void processes[each.who]!.lease.free().catch(() => undefined); break
        default: each satisfies never
      }
      await settle()
      check()
    }
    world.isAway = false
    for (const process of processes) process.thaw()
    for (let beats = 0; beats < 20; beats++) {
      await world.advance(1_000)
      for (const { lease } of processes) void lease.beat()
      await settle()
      check()
    }
    const held = processes.filter(({ started, lost, lease }) => started === 'working' && !lost && lease.confirmed)
    assert.ok(held.length <= 1)
    if (held[0] !== undefined) assert.equal(world.row?.seenMs, world.nowMs)
    await Promise.all(processes.map(({ lease }) => lease.free().catch(() => undefined)))
  }), runs(200))
})
