import assert from 'node:assert/strict'
import { test } from 'node:test'
import { admit, LoadMeter } from '../../../src/tracks/load-meter.ts'

/** A thread's second by second life: so many tracks publish, each costs so much, and so many more were just opened. */
class Thread {
  readonly #meter = new LoadMeter({ nowMs: 0, busyMs: 0, publishing: 0 })
  #nowMs = 0
  #busyMs = 0
  publishing = 0

  live (seconds: number, trackLoad: number, idleLoad = 0): this {
    for (let i = 0; i < seconds; i++) {
      this.#nowMs += 1_000
      this.#busyMs += 1_000 * Math.min(1, idleLoad + this.publishing * trackLoad)
      this.#meter.measure({ nowMs: this.#nowMs, busyMs: this.#busyMs, publishing: this.publishing })
    }
    return this
  }

  /** How many of a burst are let in. */
  open (burst: number): number {
    for (let due = 0; due < burst; due++) {
      const load = this.#meter.expected({ publishing: this.publishing, due })
      try {
        admit({ load, trackLoad: this.#meter.trackLoad, publishing: this.publishing, fragmentsWaiting: 0 })
      } catch {
        return due
      }
    }
    return burst
  }

  get load (): number { return this.#meter.expected({ publishing: this.publishing, due: 0 }) }
}

test('a thread that has just started takes a thousand tracks at once, but not any number', () => {
  const taken = new Thread().live(1, 0, 1).open(10_000) // a second of work at start

  assert.ok(taken > 1_000 && taken < 1_700, `${taken} taken`)
})

test('a burst ends where the measured cost of a track says the thread is full', () => {
  const thread = new Thread()
  thread.publishing = 400
  const taken = thread.live(30, 0.001).open(10_000)

  // 0.85 / 0.001 = 850; what was assumed of a track before any was measured still counts a little
  assert.ok(400 + taken > 780 && 400 + taken < 1_050, `${400 + taken} in all`)
})

test('tracks that began a moment ago are counted in full although the measure is smoothed', () => {
  const thread = new Thread()
  thread.publishing = 500
  thread.live(60, 0.001)
  thread.publishing = 800
  thread.live(1, 0.001)

  assert.ok(Math.abs(thread.load - 0.8) < 0.06, `expected to be ${thread.load} busy`)
})

test('a thread that is busy with anything for long takes nobody, and takes again when it is over', () => {
  const thread = new Thread().live(20, 0, 1)
  assert.equal(thread.open(1), 0)

  assert.equal(thread.live(10, 0, 0.1).open(1), 1)
})

test('a few seconds of work refuse nobody', () => {
  assert.equal(new Thread().live(60, 0, 0.05).live(3, 0, 1).open(1), 1)
})

test('the ticking of a thread with three tracks is not taken for their cost', () => {
  const thread = new Thread()
  thread.publishing = 3

  assert.ok(thread.live(60, 0.0005, 0.02).open(10_000) > 1_000)
})

test('a disk that is behind takes no more tracks; one stuck file does', () => {
  const thread = { load: 0.1, trackLoad: 0.001, publishing: 100 }

  assert.throws(() => { admit({ ...thread, fragmentsWaiting: 301 }) }, { error: 'CAPTURE_FULL', message: /301 fragments behind/ })
  admit({ ...thread, publishing: 1, fragmentsWaiting: 64 })
})
