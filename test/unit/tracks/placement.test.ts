import assert from 'node:assert/strict'
import { test } from 'node:test'
import { byRoom, type Place } from '../../../src/tracks/placement.ts'

/** The names of the threads, the one with most room first. */
function order (places: Record<string, Place>): string {
  return byRoom(Object.keys(places), (name) => places[name]!).join('')
}

test('among threads that have time for all they do the one with fewer tracks comes first', () => {
  assert.equal(order({ a: { expectedLoad: 0.1, tracks: 9 }, b: { expectedLoad: 0.45, tracks: 3 }, c: { expectedLoad: 0, tracks: 4 } }), 'bca')
})

test('above half a load the less busy thread comes first, however many tracks it has', () => {
  assert.equal(order({ a: { expectedLoad: 0.85, tracks: 1 }, b: { expectedLoad: 0.61, tracks: 900 }, c: { expectedLoad: 0.2, tracks: 1000 } }), 'cba')
})

test('loads that differ by less than the measure is good for count as the same', () => {
  assert.equal(order({ a: { expectedLoad: 0.69, tracks: 5 }, b: { expectedLoad: 0.62, tracks: 7 }, c: { expectedLoad: 0.65, tracks: 6 } }), 'acb')
})
