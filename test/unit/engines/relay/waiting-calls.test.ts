import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { WaitingCalls, type CallRank, type Turn } from '../../../../src/engines/relay/main/waiting-calls.ts'
import { runs } from '../../../helpers/fuzz.ts'

interface Call extends Turn {
  name: string
}

const ranks: readonly CallRank[] = ['speaker', 'silent', 'stop', 'dismissedStop']

function call (recordingId: string, name: string, rank: CallRank | (() => CallRank) = 'silent'): Call {
  return { recordingId, name, rank: typeof rank === 'string' ? () => rank : rank }
}

function filled (calls: readonly Call[]): WaitingCalls<Call> {
  const waiting = new WaitingCalls<Call>()
  for (const each of calls) waiting.add(each)
  return waiting
}

function drain (waiting: WaitingCalls<Call>): string[] {
  return Array.from({ length: waiting.size }, () => waiting.take()!.name)
}

test('speakers are before the silent, and the Stops of dismissed rooms last', () => {
  const waiting = filled([call('a', 'dismissed', 'dismissedStop'), call('a', 'stop', 'stop'), call('a', 'silent'), call('b', 'speaker', 'speaker')])

  assert.deepEqual(drain(waiting), ['speaker', 'silent', 'stop', 'dismissed'])
})

test('each recording has its turn, however many calls another has, or makes meanwhile', () => {
  const waiting = filled([call('a', 'a1'), call('a', 'a2'), call('a', 'a3'), call('b', 'b1'), call('c', 'c1'), call('b', 'b2')])
  const first = [waiting.take(), waiting.take()].map((each) => each?.name)
  waiting.add(call('d', 'd1'))

  assert.deepEqual([...first, ...drain(waiting)], ['a1', 'b1', 'c1', 'a2', 'b2', 'd1', 'a3'])
})

test('a recording that has one call at a time does not come before one that waits', () => {
  const waiting = filled([call('b', 'b1'), call('b', 'b2'), call('b', 'b3'), call('a', 'a1')])
  const taken: string[] = []
  while (taken.length < 6) {
    const { name, recordingId } = waiting.take()!
    taken.push(name)
    if (recordingId === 'a') waiting.add(call('a', `${name}+`))
  }

  assert.deepEqual(taken, ['b1', 'a1', 'b2', 'a1+', 'b3', 'a1++'])
})

test('the rank of a call is that of its turn: somebody began to speak, somebody fell silent', () => {
  let first: CallRank = 'silent'
  let second: CallRank = 'speaker'
  const waiting = filled([call('a', 'falls silent', () => second), call('b', 'silent'), call('c', 'begins to speak', () => first), call('d', 'speaker', 'speaker')])

  first = 'speaker'
  second = 'silent'

  assert.deepEqual(drain(waiting), ['speaker', 'begins to speak', 'silent', 'falls silent'])
})

test('among ten thousand a call that has become urgent is taken within some two windows', () => {
  let late: CallRank = 'silent'
  const waiting = filled([...Array.from({ length: 10_000 }, (_, index) => call(`r${index % 700}`, `${index}`)), call('late', 'late', () => late)])

  late = 'speaker'

  const taken = Array.from({ length: 45 }, () => waiting.take()!.name)
  assert.ok(taken.includes('late'))
})

test('a call that was refused goes before all that were not made, whatever their rank', () => {
  const waiting = filled([call('a', 'speaker', 'speaker')])
  waiting.addAgain(call('b', 'first', 'dismissedStop'))
  waiting.addAgain(call('b', 'second', 'silent'))

  assert.deepEqual(drain(waiting), ['first', 'second', 'speaker'])
})

test('what is taken, given up and re-ranked in any order comes out once, best rank first', () => {
  const rankOf = fc.constantFrom(...ranks)
  const move = fc.oneof(
    fc.record({ type: fc.constant('add' as const), recording: fc.integer({ min: 0, max: 4 }), rank: rankOf }),
    fc.record({ type: fc.constant('take' as const) }),
    fc.record({ type: fc.constant('giveUp' as const), which: fc.nat() }),
    fc.record({ type: fc.constant('change' as const), which: fc.nat(), rank: rankOf })
  )
  fc.assert(fc.property(fc.array(move, { maxLength: 200 }), (moves) => {
    const waiting = new WaitingCalls<Call>()
    const present = new Map<Call, CallRank>()
    for (const [index, each] of moves.entries()) {
      const [chosen] = 'which' in each ? [...present.keys()].slice(each.which % Math.max(1, present.size)) : []
      if (each.type === 'add') {
        const added: Call = { recordingId: `r${each.recording}`, name: `${index}`, rank: () => present.get(added)! }
        present.set(added, each.rank)
        waiting.add(added)
      } else if (each.type === 'take') {
        const best = ranks.find((rank) => [...present.values()].includes(rank))
        const taken = waiting.take()
        assert.equal(taken && present.get(taken), best)
        if (taken !== undefined) present.delete(taken)
      } else if (chosen !== undefined) {
        if (each.type === 'change') present.set(chosen, each.rank)
        else {
          waiting.delete(chosen)
          present.delete(chosen)
        }
      }
      assert.equal(waiting.size, present.size)
    }
    assert.deepEqual(drain(waiting).sort(), [...present.keys()].map(({ name }) => name).sort())
  }), runs(500))
})

test('while no rank changes, no recording is served twice before another that waits all the time', () => {
  const move = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constant('take' as const))
  fc.assert(fc.property(fc.array(move, { maxLength: 200 }), (moves) => {
    const waiting = new WaitingCalls<Call>()
    const left = new Map<string, number>()
    /** By recording that waits: who was served since it was, or since it began to wait. */
    const servedSince = new Map<string, Set<string>>()
    for (const each of moves) {
      if (each !== 'take') {
        const id = `r${each}`
        waiting.add(call(id, ''))
        left.set(id, (left.get(id) ?? 0) + 1)
        if (!servedSince.has(id)) servedSince.set(id, new Set())
        continue
      }
      const id = waiting.take()?.recordingId
      if (id === undefined) continue
      for (const [other, served] of servedSince) {
        if (other === id) continue
        assert.ok(!served.has(id), `${id} twice before ${other}`)
        served.add(id)
      }
      left.set(id, left.get(id)! - 1)
      servedSince.delete(id)
      if (left.get(id)! > 0) servedSince.set(id, new Set())
    }
  }), runs(500))
})
