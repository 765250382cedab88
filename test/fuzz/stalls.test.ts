import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { FrameStream, type Act } from '../helpers/frame-stream.ts'
import { runs } from '../helpers/fuzz.ts'

const act = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('talk' as const), ms: fc.integer({ min: 200, max: 25_000 }) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('sourceStall' as const), ms: fc.integer({ min: 250, max: 8_000 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('networkStall' as const), ms: fc.integer({ min: 100, max: 20_000 }), speed: fc.integer({ min: 105, max: 200 }).map((percent) => percent / 100)
    })
  }
)
const talk = (ms: number): Act => ({ type: 'talk', ms })

test('whatever stalls of source and network, catching up and drift come together, each is off by no more than its bound', () => {
  const lists = fc.array(act, { minLength: 1, maxLength: 40 })
  fc.assert(fc.property(lists, fc.integer({ min: -200, max: 200 }), fc.nat(80), (acts, ppm, jitterMs) => {
    const stream = new FrameStream([talk(3_000), ...acts, talk(15_000)], { ppm, jitterMs })
    for (const { arrivalMs, errorMs } of stream.place()) {
      const mostMs = stream.boundMs(arrivalMs)
      assert.ok(Math.abs(errorMs) <= mostMs, `off by ${errorMs} ms at ${arrivalMs}, where ${mostMs} are allowed`)
    }
  }), runs(200))
})
