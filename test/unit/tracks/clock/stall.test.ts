import assert from 'node:assert/strict'
import test from 'node:test'
import { FrameStream, type Act } from '../../../helpers/frame-stream.ts'

const minuteMs = 60_000

/** @returns the greatest error of any frame from a moment of arrival on, milliseconds */
function worst (acts: readonly Act[], fromMs = 0): number {
  return Math.max(...new FrameStream(acts).place().filter(({ arrivalMs }) => arrivalMs >= fromMs).map(({ errorMs }) => Math.abs(errorMs)))
}

const repeat = (times: number, ...acts: Act[]): Act[] => Array.from({ length: times }, () => acts).flat()
const talk = (ms: number): Act => ({ type: 'talk', ms })
const standStill = (ms: number): Act => ({ type: 'sourceStall', ms })
const hold = (ms: number, speed: number): Act => ({ type: 'networkStall', ms, speed })

for (const [name, acts, mostMs] of [
  ['3 s of frames and 800 ms of nothing for ten minutes', repeat(158, talk(3_000), standStill(800)), 3 * 800 + 1_000],
  ['stalls of 600 ms every 8 s for ten minutes', repeat(70, talk(8_000), standStill(600)), 2 * 600 + 1_000],
  ['stalls of 1.2 s every 9 s for ten minutes', repeat(59, talk(9_000), standStill(1_200)), 2 * 1_200 + 1_000],
  ['stalls of 6 s every 6 s', repeat(20, talk(6_000), standStill(6_000)), 2 * 6_000 + 1_000]
] as const) {
  test(`a source that stalls is ahead by no more than the stalls of the last ten seconds: ${name}`, () => {
    const endMs = acts.reduce((sum, { ms }) => sum + ms, 0)
    assert.ok(worst(acts) <= mostMs, `${worst(acts)} ms`)
    assert.ok(worst([...acts, talk(30_000)], endMs + 10_500) <= 1_000, 'and is right ten seconds later')
  })
}

test('a source whose clock stands whenever nobody talks, which is most of the time, is put right again and again', () => {
  assert.ok(worst(repeat(100, talk(1_000), standStill(5_000))) <= 7 * 5_000 + 1_000)
})

test('a source that stands still once is put right after ten seconds, by exactly what it stood', () => {
  const frames = new FrameStream([talk(5_000), standStill(30_000), talk(20_000)]).place()
  const moved = frames.filter(({ cause }) => cause === 'stalled')

  assert.equal(moved.length, 1)
  assert.ok(Math.abs(moved[0]!.arrivalMs - 45_000) <= 100, `put right at ${moved[0]!.arrivalMs}`)
  assert.ok(Math.abs(frames.at(-1)!.errorMs) <= 5)
})

for (const speed of [1.05, 1.2, 2]) {
  test(`a network that stood for half a minute and catches up at ${speed} times real time moves nothing`, () => {
    const frames = new FrameStream([talk(10_000), hold(30_000, speed), talk(12 * minuteMs)]).place()

    assert.deepEqual(frames.filter(({ cause }) => cause !== 'missing').slice(1), [])
    assert.ok(Math.max(...frames.map(({ errorMs }) => Math.abs(errorMs))) <= 50)
  })
}

test('a network that stands again and again, each time before it has caught up, moves nothing', () => {
  const frames = new FrameStream([talk(10_000), ...repeat(20, hold(3_000, 1.3), talk(7_000)), talk(minuteMs)]).place()

  assert.deepEqual(frames.filter(({ cause }) => cause === 'stalled'), [])
})

test('a source that stalls while a network catches up is right ten seconds after the network is', () => {
  const acts = [talk(10_000), hold(20_000, 1.05), talk(60_000), standStill(900), talk(60_000), standStill(700), talk(6 * minuteMs)]
  const stream = new FrameStream(acts)

  assert.ok(worst(acts) <= 1_600 + 1_000, `${worst(acts)} ms`)
  assert.ok(worst(acts, stream.flatMs + 10_000) <= 1_000)
})
