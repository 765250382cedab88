import assert from 'node:assert/strict'
import { test } from 'node:test'
import { napFor, type Activity } from '../../../src/threads/nap-policy.ts'

const onlyAudio: Activity = { publishing: 1, opening: 0, sinceAcceptedMs: Infinity, callsRunning: 0, filesOpening: 0, storing: false, workingBeside: false }

test('a thread that nobody publishes to does not nap, whatever else goes on in it', () => {
  const naps = [{}, { callsRunning: 1 }, { opening: 5, workingBeside: true }].map((activity) => napFor({ ...onlyAudio, publishing: 0, ...activity }))

  assert.deepEqual(naps, [0, 0, 0])
})

test('naps are long when there is only audio to wait for, short while objects or connections are under way, shortest while work is done', () => {
  const long = napFor(onlyAudio)
  const exchanging: Array<Partial<Activity>> = [{ workingBeside: true }, { opening: 1 }, { storing: true }]
  assert.ok(napFor({ ...onlyAudio, storing: true }) < napFor({ ...onlyAudio, workingBeside: true }), 'putting an object is many steps')
  const working: Array<Partial<Activity>> = [{ callsRunning: 1 }, { filesOpening: 1 }, { sinceAcceptedMs: 0 }]

  for (const activity of exchanging) {
    const short = napFor({ ...onlyAudio, ...activity })
    assert.ok(short < long, JSON.stringify(activity))
    for (const work of working) assert.ok(napFor({ ...onlyAudio, ...activity, ...work }) < short, JSON.stringify({ ...activity, ...work }))
  }
})
