import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import type { TestContext } from 'node:test'
import fc from 'fast-check'
import { pino } from 'pino'
import { monotonicMs, systemClock } from '../../../src/core/clock.ts'
import { RoomtapeError } from '../../../src/core/errors.ts'
import { SpanLog } from '../../../src/core/span-log.ts'
import type { TakenEvent } from '../../../src/rooms/take-event.ts'
import { EventIntake } from '../../../src/session/event-intake.ts'
import { EventJournal } from '../../../src/spool/event-journal.ts'
import type { Connection } from '../../../src/state/database.ts'
import { onBothDatabases } from '../../helpers/databases.ts'
import { beforeDatasync } from '../../helpers/failing-disk.ts'
import { runs } from '../../helpers/fuzz.ts'
import { closeAfter } from '../../helpers/scope.ts'

const log = pino({ level: 'silent' })
const sdkAppId = 1_400_000_001

/** A gateway's intake on a folder, with a database that can be away and a disk that can fail. */
class Gateway {
  isAway = false
  readonly folder: string
  readonly taken: TakenEvent[] = []
  readonly deafness = new SpanLog()
  readonly deaf = this.deafness.reader(0)
  readonly #kysely: Connection
  readonly #listeners: Array<() => void> = []
  journal!: EventJournal
  intake!: EventIntake
  #life = { isOver: false }

  constructor (kysely: Connection, folder: string) {
    this.#kysely = kysely
    this.folder = folder
  }

  async start ({ maxBytes = 1_000_000 } = {}): Promise<void> {
    this.journal = await EventJournal.open(this.folder, { log, maxBytes })
    const life = this.#life = { isOver: false }
    const isAway = (): boolean => this.isAway || life.isOver
    this.intake = new EventIntake({
      kysely: this.#kysely,
      database: {
        get isAway () { return isAway() },
        onHere: (listener) => { this.#listeners.push(listener) },
        ask: async (work) => {
          if (isAway()) throw new RoomtapeError('UNAVAILABLE', 'the database is away')
          return work()
        }
      },
      journal: this.journal,
      deafness: this.deafness,
      onTaken: (taken) => { this.taken.push(taken) },
      eventClock: { note: () => undefined },
      clock: systemClock,
      log
    })
    if (!this.isAway) await this.intake.begin()
  }

  back (): void {
    this.isAway = false
    for (const listener of this.#listeners) listener()
  }

  /** As if it were killed: it does nothing more, and its folder stays as it is. */
  async crash (): Promise<void> {
    this.#life.isOver = true
    this.#listeners.length = 0
    await this.intake.close({ forMs: 1_000, insists: false })
  }
}

async function build (t: TestContext, kysely: Connection, options?: { maxBytes?: number }): Promise<Gateway> {
  const folder = await mkdtemp(join(tmpdir(), 'roomtape-intake-'))
  const gateway = new Gateway(kysely, folder)
  await gateway.start(options)
  closeAfter(t, async () => {
    await gateway.crash()
    await rm(folder, { recursive: true, force: true })
  })
  return gateway
}

function event (n: number, { type = 103, ...info }: { type?: number } & Record<string, unknown> = {}): object {
  return { EventGroupId: Math.floor(type / 100), EventType: type, CallbackTs: 1_767_225_600_000 + n, EventInfo: { RoomId: 'room', UserId: `user-${n}`, EventMsTs: 1_767_225_600_000 + n, Role: 20, ...info } }
}

async function stored (kysely: Connection): Promise<(string | null)[]> {
  return (await kysely.selectFrom('roomEvents').select('userId').orderBy('receivedMs').orderBy('userId').execute()).map(({ userId }) => userId)
}

async function untilEmpty ({ intake }: Gateway): Promise<void> {
  while (intake.state !== 'ok') await new Promise(setImmediate)
}

onBothDatabases('events that come while the database is away are applied when it is back, as those that come then', async (t, open) => {
  const { kysely } = await open(t)
  const gateway = await build(t, kysely)
  await gateway.intake.take(sdkAppId, event(1))
  gateway.isAway = true
  const awayMs = Date.now()
  for (const n of [2, 3, 1]) await gateway.intake.take(sdkAppId, event(n))

  assert.deepEqual([await stored(kysely), gateway.intake.state, gateway.intake.figures().waiting], [['user-1'], 'journaling', 3])
  await new Promise((resolve) => { setTimeout(resolve, 20) })
  const backMs = Date.now()
  gateway.back()
  await untilEmpty(gateway)
  await gateway.intake.take(sdkAppId, event(4))
  assert.deepEqual(await stored(kysely), ['user-1', 'user-2', 'user-3', 'user-4'])
  assert.deepEqual(gateway.taken.map(({ room, isNew }) => [room?.roomKey, isNew]), [true, true, true, false, true].map((isNew) => ['s:room', isNew]))
  const { receivedMs } = await kysely.selectFrom('roomEvents').select('receivedMs').where('userId', '=', 'user-2').executeTakeFirstOrThrow()
  assert.ok(receivedMs >= awayMs && receivedMs < backMs, 'they count as heard when they came')
  const { heardMs } = await kysely.selectFrom('members').select('heardMs').where('userId', '=', 'user-2').executeTakeFirstOrThrow()
  assert.equal(heardMs, receivedMs)
  assert.deepEqual([gateway.intake.state, gateway.intake.figures(), gateway.deaf()], ['ok', { journaledTotal: 3, turnedAwayTotal: 0, waiting: 0 }, []])
})

onBothDatabases('an event that is none is refused, and a stream key is written nowhere, while the database is away', async (t, open) => {
  const { kysely } = await open(t)
  const gateway = await build(t, kysely)
  gateway.isAway = true
  const relay = event(1, { type: 401, TaskId: 'task', RoomType: 1, Payload: { Url: 'rtmp://192.0.2.1/roomtape/very-secret', Status: 2 } })
  await gateway.intake.take(sdkAppId, relay)

  await assert.rejects(gateway.intake.take(sdkAppId, event(1, { RoomId: 0 })), { error: 'VALIDATION' })
  assert.doesNotMatch(await readFile(join(gateway.folder, 'event-journal.jsonl'), 'utf8'), /very-secret/)
  gateway.back()
  await untilEmpty(gateway)
  const rows = await kysely.selectFrom('roomEvents').select(['dedupeKey', 'body']).execute()
  await gateway.intake.take(sdkAppId, relay)
  assert.deepEqual(await kysely.selectFrom('roomEvents').select(['dedupeKey', 'body']).execute(), rows, 'sent again, it is the same event')
  assert.equal(gateway.taken.at(-1)?.isNew, false)
})

onBothDatabases('what neither tables nor journal can have is turned away, and nobody hears until they can', async (t, open) => {
  const { kysely } = await open(t)
  const gateway = await build(t, kysely, { maxBytes: 1_000 })
  gateway.isAway = true
  await gateway.intake.take(sdkAppId, event(1))
  await gateway.intake.take(sdkAppId, event(2))
  const fromMs = monotonicMs()
  await assert.rejects(gateway.intake.take(sdkAppId, event(3)), { error: 'UNAVAILABLE' })
  await assert.rejects(gateway.intake.take(sdkAppId, event(4)), { error: 'UNAVAILABLE' })

  assert.deepEqual([gateway.intake.state, gateway.intake.figures().turnedAwayTotal, gateway.deaf()], ['deaf', 2, []])
  await new Promise((resolve) => { setTimeout(resolve, 20) })
  gateway.back()
  const toMs = monotonicMs()
  const spans = gateway.deaf()
  assert.equal(spans.length, 1)
  assert.ok(spans[0]!.fromMs >= fromMs && spans[0]!.fromMs < fromMs + 15 && Math.abs(spans[0]!.toMs - toMs) < 15, JSON.stringify({ spans, fromMs, toMs }))
  await untilEmpty(gateway)
  assert.deepEqual([await stored(kysely), gateway.intake.state], [['user-1', 'user-2'], 'ok'])
})

onBothDatabases('an event that the tables will never take holds up no other', async (t, open) => {
  const { kysely } = await open(t)
  const gateway = await build(t, kysely)
  const poisoned = event(2, { type: 401, TaskId: 'a\u0000b', RoomType: 1, Payload: { Status: 2 } })
  gateway.isAway = true
  for (const each of [event(1), poisoned, event(3)]) await gateway.intake.take(sdkAppId, each)
  gateway.back()
  await untilEmpty(gateway)

  assert.deepEqual(await stored(kysely), ['user-1', 'user-3'])
  assert.match(await readFile(join(gateway.folder, 'event-journal-refused.jsonl'), 'utf8'), /"userId":"user-2"/)
})

onBothDatabases('tables that fail for another reason have the event later', async (t, open) => {
  const { kysely } = await open(t)
  const gateway = await build(t, kysely)
  await kysely.schema.alterTable('room_events').renameTo('room_events_elsewhere').execute()
  await gateway.intake.take(sdkAppId, event(1))
  assert.equal(gateway.intake.state, 'journaling')
  await kysely.schema.alterTable('room_events_elsewhere').renameTo('room_events').execute()
  await untilEmpty(gateway)

  assert.deepEqual(await stored(kysely), ['user-1'])
})

onBothDatabases('at its end it applies what it can, and leaves the rest to the next start', async (t, open) => {
  const { kysely } = await open(t)
  const gateway = await build(t, kysely)
  gateway.isAway = true
  await gateway.intake.take(sdkAppId, event(1))
  await gateway.intake.close({ forMs: 1_000, insists: false })
  assert.deepEqual(await stored(kysely), [])

  gateway.isAway = false
  await gateway.start()
  assert.deepEqual(await stored(kysely), ['user-1'], 'applied when the start is over')
  gateway.isAway = true
  await gateway.intake.take(sdkAppId, event(2))
  setTimeout(() => { gateway.isAway = false }, 300)
  await gateway.intake.close({ forMs: 10_000, insists: true })
  assert.deepEqual(await stored(kysely), ['user-1', 'user-2'], 'and whoever has lost its place tries for a while')
})

onBothDatabases('its end takes no longer than it may, however much there is to be applied', async (t, open) => {
  const { kysely } = await open(t)
  const gateway = await build(t, kysely)
  gateway.isAway = true
  await Promise.all(Array.from({ length: 2_000 }, (_, n) => gateway.intake.take(sdkAppId, event(n))))
  gateway.isAway = false
  await gateway.intake.close({ forMs: 50, insists: false })

  const applied = (await stored(kysely)).length
  assert.ok(applied < 2_000, `${applied} are applied`)
  await gateway.start()
  assert.equal((await stored(kysely)).length, 2_000)
})

onBothDatabases('whatever fails and when, what was answered is in the tables in the end, once', async (t, open) => {
  const { kysely } = await open(t)
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('event' as const), n: fc.nat({ max: 30 }), waits: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('away' as const, 'back' as const, 'crash' as const, 'diskFails' as const, 'diskWorks' as const) }) }
  )
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
    await kysely.deleteFrom('roomEvents').execute()
    const folder = await mkdtemp(join(tmpdir(), 'roomtape-intake-'))
    const gateway = new Gateway(kysely, folder)
    await gateway.start({ maxBytes: 5_000 })
    const answered = new Set<string>()
    const under: Promise<void>[] = []
    let diskFails = false
    const syncing = await beforeDatasync(async () => { if (diskFails) throw new Error('no space') })
    try {
      for (const each of steps) {
        switch (each.do) {
          case 'event': {
            const taking = gateway.intake.take(sdkAppId, event(each.n)).then(() => { answered.add(`user-${each.n}`) }, () => undefined)
            if (each.waits) await taking
            else under.push(taking)
            break
          }
          case 'away': gateway.isAway = true; break
          case 'back': gateway.back(); break
          case 'crash':
            await Promise.all(under)
            await gateway.crash()
            await gateway.start({ maxBytes: 5_000 })
            break
          case 'diskFails': diskFails = true; break
          case 'diskWorks': diskFails = false; break
          default: each satisfies never
        }
      }
      await Promise.all(under)
      await gateway.crash()
      gateway.isAway = false
      await gateway.start()
      await gateway.crash()
      const rows = await stored(kysely)

      assert.deepEqual([...answered].filter((userId) => !rows.includes(userId)), [])
      assert.equal(new Set(rows).size, rows.length)
    } finally {
      syncing.restore()
      await rm(folder, { recursive: true, force: true })
    }
  }), runs(25))
})
