import assert from 'node:assert/strict'
import { test } from 'node:test'
import { byRoom, type Place } from '../../../src/tracks/placement.ts'

/** The names of the threads, the one with most room first. */
function order (places: Record<string, Place>): string {
  return byRoom(Object.keys(places), (name) => places[name]!).join('')
}

test('among threads that have time for all they do the one with less in hand comes first', () => {
  assert.equal(order({ a: { expectedLoad: 0.1, inHand: 9 }, b: { expectedLoad: 0.45, inHand: 3 }, c: { expectedLoad: 0, inHand: 4 } }), 'bca')
})

test('above half a load the less busy thread comes first, however much it has in hand', () => {
  assert.equal(order({ a: { expectedLoad: 0.85, inHand: 1 }, b: { expectedLoad: 0.61, inHand: 900 }, c: { expectedLoad: 0.2, inHand: 1000 } }), 'cba')
})

test('loads that differ by less than the measure is good for count as the same', () => {
  assert.equal(order({ a: { expectedLoad: 0.69, inHand: 5 }, b: { expectedLoad: 0.62, inHand: 7 }, c: { expectedLoad: 0.65, inHand: 6 } }), 'acb')
})
