import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Lanes, laneLimits, type Grant, type LaneLimits } from '../../../src/callback/lanes.ts'
import { runs } from '../../helpers/fuzz.ts'

/** What an outsider knows of who is under way: from grants, and from what became of them. */
class Ledger {
  readonly #under = new Map<string, number>()
  readonly #paces = new Map<string, number>()

  of (endpointId: string): number { return this.#under.get(endpointId) ?? 0 }
  ofTenant (tenantId: string): number { return this.#sum((id) => tenantOf(id) === tenantId) }
  get all (): number { return this.#sum(() => true) }
  get busy (): string[] { return [...this.#under].filter(([, count]) => count > 0).map(([id]) => id) }
  paceOf (endpointId: string): number { return this.#paces.get(endpointId) ?? 1 }

  add (endpointId: string, count: number): void { this.#under.set(endpointId, this.of(endpointId) + count) }
  pace (endpointId: string, pace: 'faster' | 'same' | 'slowest', most: number): void {
    this.#paces.set(endpointId, pace === 'faster' ? Math.min(most, this.paceOf(endpointId) + 1) : pace === 'slowest' ? 1 : this.paceOf(endpointId))
  }

  #sum (counts: (endpointId: string) => boolean): number {
    return [...this.#under].reduce((sum, [id, count]) => counts(id) ? sum + count : sum, 0)
  }
}

/** Endpoints are called `tenant/endpoint`. */
const tenantOf = (endpointId: string): string => endpointId.split('/')[0]!

const endpointId = fc.tuple(fc.nat(3), fc.nat(4)).map(([tenant, endpoint]) => `${tenant}/${endpoint}`)
const step = fc.oneof(
  fc.record({ do: fc.constant('wake' as const), endpointId }),
  fc.record({ do: fc.constant('grant' as const), used: fc.double({ min: 0, max: 1, noNaN: true }) }),
  fc.record({ do: fc.constant('done' as const), at: fc.nat(), pace: fc.constantFrom('faster' as const, 'faster' as const, 'same' as const, 'slowest' as const) }),
  fc.record({ do: fc.constant('forget' as const) })
)

test('whatever happens, the bounds hold, firsts have what is kept for them, and in the end nothing is under way', () => {
  const limits: LaneLimits = { perEndpoint: 3, perTenant: 5, perProcess: 12, keptForFirsts: 4, keptForTenants: 2 }
  fc.assert(fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
    const lanes = new Lanes(limits)
    const ledger = new Ledger()
    let nowMs = 0
    const done = (id: string, pace: 'faster' | 'same' | 'slowest'): void => {
      lanes.done(id, pace, nowMs)
      ledger.add(id, -1)
      ledger.pace(id, pace, limits.perEndpoint)
    }
    for (const each of steps) {
      nowMs += 60_000
      switch (each.do) {
        case 'wake': lanes.wake(each.endpointId, tenantOf(each.endpointId), nowMs); break
        case 'grant': {
          const grants = lanes.grant()
          for (const { endpointId, count } of grants) ledger.add(endpointId, count)
          checkBounds(ledger, grants, limits)
          for (const grant of grants) {
            const unused = grant.count - Math.round(grant.count * each.used)
            if (unused === 0) continue
            lanes.returned({ ...grant, count: unused })
            ledger.add(grant.endpointId, -unused)
          }
          break
        }
        case 'done': {
          const { busy } = ledger
          if (busy.length > 0) done(busy[each.at % busy.length]!, each.pace)
          break
        }
        // What it forgets begins at one again, and only what is idle
        case 'forget': lanes.forget(nowMs); break
        default: each satisfies never
      }
      assert.equal(lanes.inFlight, ledger.all)
    }
    for (const id of ledger.busy) while (ledger.of(id) > 0) done(id, 'same')
    assert.equal(lanes.inFlight, 0)
    lanes.wake('free', 'free', nowMs)
    assert.ok(lanes.grant().some(({ endpointId }) => endpointId === 'free'), 'and it goes on')
  }), runs(1_000))
})

function checkBounds (ledger: Ledger, grants: readonly Grant[], limits: LaneLimits): void {
  assert.ok(ledger.all <= limits.perProcess, `${ledger.all} in the process`)
  for (const { endpointId } of grants) {
    const tenantId = tenantOf(endpointId)
    assert.ok(ledger.of(endpointId) <= ledger.paceOf(endpointId), `${ledger.of(endpointId)} at an endpoint of pace ${ledger.paceOf(endpointId)}`)
    const firsts = ledger.busy.filter((id) => tenantOf(id) === tenantId).length
    assert.ok(ledger.ofTenant(tenantId) <= Math.max(limits.perTenant, limits.perTenant - 1 + firsts), `${ledger.ofTenant(tenantId)} of a tenant`)
  }
  assert.ok(ledger.all - ledger.busy.length <= limits.perProcess - limits.keptForFirsts, 'more than firsts may have')
}

test('an endpoint speeds up by one with each success to eight, and is back at one after a failure by network or timeout', () => {
  const lanes = new Lanes()
  lanes.wake('e', 't', 0)
  const paces: number[] = []
  for (let round = 0; round < 10; round++) {
    const [grant] = lanes.grant()
    paces.push(lanes.inFlight)
    for (let i = 0; i < (grant?.count ?? 0); i++) lanes.done('e', i === 0 ? 'faster' : 'same', 0)
  }
  lanes.grant()
  for (let i = lanes.inFlight; i > 0; i--) lanes.done('e', 'slowest', 0)

  assert.deepEqual(paces, [1, 2, 3, 4, 5, 6, 7, 8, 8, 8])
  assert.deepEqual(lanes.grant().map(({ count }) => count), [1])
})

/** Has an endpoint be at its full pace, with nothing due and nothing under way. */
function warm (lanes: Lanes, endpointId: string, tenantId: string): void {
  lanes.wake(endpointId, tenantId, 0)
  for (let pace = 1; pace < laneLimits.perEndpoint; pace++) {
    const grants = lanes.grant()
    for (let i = 0; i < grants[0]!.count; i++) lanes.done(endpointId, i === 0 ? 'faster' : 'same', 0)
  }
  for (const grant of lanes.grant()) lanes.returned(grant)
}

test('an endpoint with nothing under way sends one beyond its tenant\'s 64; a second it has to wait for', () => {
  const lanes = new Lanes()
  const busy = Array.from({ length: 8 }, (_, index) => `busy${index}`)
  for (const id of [...busy, 'late']) warm(lanes, id, 't')
  for (const id of busy) lanes.wake(id, 't', 0)
  assert.equal(lanes.grant().reduce((sum, { count }) => sum + count, 0), 64)

  lanes.wake('late', 't', 0)
  assert.deepEqual(lanes.grant().map(({ endpointId, count }) => [endpointId, count]), [['late', 1]])
  lanes.done('busy0', 'same', 0)
  lanes.done('busy0', 'same', 0)
  assert.deepEqual(lanes.grant().map(({ count }) => count), [1], 'the tenant has 63 again')
})

test('turns go round tenants first: one with a hundred endpoints and one with a single one have the same share', () => {
  const lanes = new Lanes({ ...laneLimits, perProcess: 10, keptForFirsts: 0, keptForTenants: 0 })
  warm(lanes, 'single', 'one')
  for (let i = 0; i < 100; i++) lanes.wake(`many${i}`, 'many', 0)
  lanes.wake('single', 'one', 0)

  const counts = new Map(lanes.grant().map(({ endpointId, count }) => [endpointId, count]))

  assert.equal(counts.get('single'), 5)
  assert.equal(counts.size, 6)
  assert.ok([...counts].every(([id, count]) => id === 'single' || count === 1), 'and within the tenant round its endpoints')
})

test('a tenant with hundreds of receivers that hang leaves room for the first of everybody else', () => {
  const lanes = new Lanes()
  for (let i = 0; i < 2_000; i++) lanes.wake(`hangs${i}`, 'hanging', 0)
  const taken = lanes.grant().reduce((sum, { count }) => sum + count, 0)

  for (let i = 0; i < 64; i++) lanes.wake(`other${i}`, `tenant${i}`, 0)
  const others = lanes.grant()

  assert.equal(taken, 512 - 64)
  assert.deepEqual(new Set(others.map(({ endpointId }) => endpointId)).size, 64)
})

test('who is woken while his grant is being used keeps his turn; who is not, and used less, has lost it', () => {
  const lanes = new Lanes()
  for (const isWoken of [true, false]) {
    lanes.wake('e', 't', 0)
    const [grant] = lanes.grant()
    if (isWoken) lanes.wake('e', 't', 0)
    lanes.returned(grant!)

    assert.equal(lanes.grant().length, isWoken ? 1 : 0)
    lanes.done('e', 'same', 0)
  }
})

test('what is forgotten after ten idle minutes is an endpoint\'s pace alone: a tenant stays one, with one bound', () => {
  const lanes = new Lanes({ ...laneLimits, perTenant: 2 })
  warm(lanes, 'a', 't')
  lanes.wake('b', 't', 0)
  lanes.grant()
  lanes.forget(600_000)

  warm(lanes, 'c', 't')
  lanes.wake('a', 't', 600_000)
  lanes.wake('c', 't', 600_000)
  const granted = lanes.grant()

  // b has one; a and c have their first each, and the tenant's bound of two lets nobody have a second
  assert.deepEqual(granted.map(({ count }) => count), [1, 1])
  assert.equal(lanes.inFlight, 3)
})

test('of what may be sent some is granted at once, and the rest at the next asking, to whoever has had none', () => {
  const lanes = new Lanes()
  for (const id of ['a', 'b', 'c']) lanes.wake(id, 'tenant', 0)

  const granted = [lanes.grant(2), lanes.grant(2), lanes.grant(2)].map((grants) => grants.map(({ endpointId }) => endpointId))

  assert.deepEqual(granted, [['a', 'b'], ['c'], []])
})
