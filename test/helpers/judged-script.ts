import fc from 'fast-check'
import type { ToneClip } from '../../src/sandbox/audio/clips.ts'
import type { CallFault } from '../../src/sandbox/cloud/faults.ts'
import type { FaultKind } from '../../src/sandbox/cos/faults.ts'

/** Ids as tenants have them; the last is what `a.b` becomes in base64. */
const userIds = ['ann', 'bob_2', 'Carl-3', '张三', 'dora@school.example', 'e/../e', ' ', 'a.b', 'YS5i']
const tones: readonly ToneClip[] = ['low', 'middle', 'high']

const happening = fc.oneof(
  { weight: 2, arbitrary: fc.constant('come-or-go' as const) },
  { weight: 2, arbitrary: fc.constant('mute-or-talk' as const) },
  { weight: 3, arbitrary: fc.constantFrom('cut' as const, 'reset' as const) },
  { weight: 2, arbitrary: fc.constantFrom('pause-or-resume' as const, 'pause-or-resume-all' as const) },
  { weight: 1, arbitrary: fc.constant('encoding' as const) }
)
export type Happening = typeof happening extends fc.Arbitrary<infer One> ? One : never

const callFault: fc.Arbitrary<CallFault> = fc.oneof(
  fc.constantFrom('RequestLimitExceeded', 'InternalError', 'FailedOperation.SystemError').map((code) => ({ kind: 'refuse' as const, code })),
  fc.constant({ kind: 'lost-answer' as const })
)
const bucketFaults: readonly FaultKind[] = ['slow-down', 'internal-error', 'reset', 'reset-mid-body', 'lost-answer']

/** A random recording. `user` of a step counts in `users`; a step that makes no sense when its time has come is left out. */
export const judgedScript = fc.record({
  users: fc.shuffledSubarray(userIds, { minLength: 1, maxLength: 3 }).map((ids) => ids.map((userId, index) => ({ userId, tone: tones[index]! }))),
  output: fc.record({ FillGaps: fc.boolean(), SegmentSeconds: fc.constantFrom(0, 2, 3), Format: fc.constantFrom('m4a', 'aac') }),
  steps: fc.array(fc.record({ waitMs: fc.integer({ min: 200, max: 2_000 }), user: fc.nat(2), what: happening }), { minLength: 3, maxLength: 7 }),
  /** Whether the first step waits until somebody is heard. Otherwise it may come before. */
  patient: fc.constantFrom(true, true, false),
  /** Before which step the process is killed, and for how long it stays away. */
  kill: fc.option(fc.record({ beforeStep: fc.nat(6), awayMs: fc.nat(1_000) }), { nil: undefined }),
  /** From which step on the bucket is away. */
  bucket: fc.option(fc.record({ beforeStep: fc.nat(6), kind: fc.constantFrom(...bucketFaults), times: fc.integer({ min: 1, max: 4 }) }), { nil: undefined }),
  /** Calls of the Cloud API that go wrong, by their number. */
  calls: fc.array(fc.record({
    action: fc.constantFrom('StartPublishCdnStream' as const, 'StopPublishCdnStream' as const), nth: fc.integer({ min: 1, max: 4 }), fault: callFault
  }), { maxLength: 2 }),
  lastMs: fc.integer({ min: 300, max: 2_000 }),
  end: fc.constantFrom('dismiss' as const, 'stop' as const)
})
export type JudgedScript = typeof judgedScript extends fc.Arbitrary<infer One> ? One : never

/** The same seed gives the same script. */
export function scriptOf (seed: number): JudgedScript {
  const [script] = fc.sample(judgedScript, { seed, numRuns: 1 })
  if (script === undefined) throw new Error('no script')
  return script
}
