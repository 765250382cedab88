import fc from 'fast-check'
import type { ToneClip } from '../../../src/sandbox/audio/clips.ts'
import type { Fate } from '../../../src/sandbox/cloud/events.ts'
import type { CallFault } from '../../../src/sandbox/cloud/faults.ts'
import type { FaultKind } from '../../../src/sandbox/cos/faults.ts'

/** Ids as tenants have them; the last is what `a.b` becomes in base64. */
const userIds = ['ann', 'bob_2', 'Carl-3', '张三', 'dora@school.example', 'e/../e', ' ', 'a.b', 'YS5i']
const tones: readonly ToneClip[] = ['low', 'middle', 'high']

/** What is undone by the same again. */
const turns = ['come-or-go', 'mute-or-talk', 'pause-or-resume', 'pause-or-resume-all'] as const
const happening = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...turns) },
  { weight: 3, arbitrary: fc.constantFrom('cut' as const, 'reset' as const) },
  { weight: 1, arbitrary: fc.constant('encoding' as const) }
)
export type Happening = typeof happening extends fc.Arbitrary<infer One> ? One : never

const callFault: fc.Arbitrary<CallFault> = fc.oneof(
  fc.constantFrom('RequestLimitExceeded', 'InternalError', 'FailedOperation.SystemError').map((code) => ({ kind: 'refuse' as const, code })),
  fc.constant({ kind: 'lost-answer' as const }),
  fc.constant({ kind: 'hang' as const })
)
const bucketFaults: readonly FaultKind[] = ['slow-down', 'internal-error', 'reset', 'reset-mid-body', 'lost-answer']
const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 14, arbitrary: fc.constant('once' as const) },
  { weight: 2, arbitrary: fc.constantFrom('twice' as const, 'late' as const) },
  { weight: 2, arbitrary: fc.constant('never' as const) }
)

/** What is rare: one time in `n`. */
const rarely = (n: number): fc.Arbitrary<boolean> => fc.noBias(fc.nat(n - 1)).map((each) => each === 0)
/** A whole number of milliseconds between two, each as likely as the others. */
const within = (fromMs: number, toMs: number): fc.Arbitrary<number> => fc.noBias(fc.integer({ min: fromMs, max: toMs }))

/** A random recording of so many milliseconds. `user` counts in `users`; a step that makes no sense when its time has come is left out. */
const recordingScript = (lengthMs: number) => fc.record({
  users: fc.tuple(fc.shuffledSubarray(userIds, { minLength: 1, maxLength: 3 }), fc.array(rarely(6), { minLength: 3, maxLength: 3 }))
    .map(([ids, silent]) => ids.map((userId, index) => ({ userId, tone: tones[index]!, entersSilent: silent[index]! }))),
  output: fc.record({ FillGaps: fc.boolean(), SegmentSeconds: fc.constantFrom(0, 2, 3), Format: fc.constantFrom('m4a', 'aac') }),
  steps: fc.array(fc.record({ atMs: within(200, lengthMs - 500), forMs: within(300, 9_000), user: fc.nat(2), what: happening }), {
    minLength: Math.ceil(lengthMs / 5_000), maxLength: Math.ceil(lengthMs / 2_500)
  }).map((steps) => steps.flatMap(({ forMs, ...step }) => isTurn(step.what) ? [step, { ...step, atMs: step.atMs + forMs }] : [step])
    .filter(({ atMs }) => atMs < lengthMs).sort((a, b) => a.atMs - b.atMs)),
  /** Whether the first step waits until somebody is heard. Otherwise it may come before. */
  patient: fc.constantFrom(true, true, false),
  /** How much later relays push what is said. */
  audioDelayMs: fc.constantFrom(0, 0, 2_000),
  /** What becomes of the room's events, one after another and round again; undefined: each is told once. */
  fates: fc.option(fc.array(fate, { minLength: 30, maxLength: 40 }), { nil: undefined }),
  /** The end of the room is told to nobody. */
  losesEnd: rarely(6),
  /** Since when the bucket goes wrong, and how often. */
  bucket: fc.option(fc.record({
    atMs: within(0, lengthMs), kind: fc.constantFrom(...bucketFaults), times: fc.integer({ min: 1, max: 4 })
  }), { nil: undefined }),
  /** Calls of the Cloud API about a user that go wrong, by their number. */
  calls: fc.array(fc.record({
    user: fc.nat(2),
    action: fc.constantFrom('StartPublishCdnStream' as const, 'StopPublishCdnStream' as const),
    nth: fc.integer({ min: 1, max: 3 }),
    fault: callFault
  }), { maxLength: 3 }),
  /** The nth relay of this user never reaches the gateway. */
  barred: fc.option(fc.record({ user: fc.nat(2), nth: fc.integer({ min: 1, max: 2 }) }), { freq: 4, nil: undefined }),
  end: fc.constantFrom('dismiss' as const, 'stop' as const)
}).map((script) => script.losesEnd && script.end === 'dismiss' ? stayingOf(script) : { ...script, losesEnd: false })
export type JudgedScript = ReturnType<typeof recordingScript> extends fc.Arbitrary<infer One> ? One : never

function isTurn (what: Happening): boolean {
  return turns.some((turn) => turn === what)
}

/**
 * Nobody leaves: a room that has been empty for a while is over, and this one shall be so only by its end. Nobody is barred either: that a relay
 * has given up is known after more than a minute.
 */
function stayingOf<Script extends { steps: { what: Happening }[], barred: unknown }> (script: Script): Script {
  return { ...script, steps: script.steps.filter(({ what }) => what !== 'come-or-go'), barred: undefined }
}

const roundScript = ({ recordings, seconds }: RoundSize) => fc.record({
  lengthMs: fc.constant(seconds * 1_000),
  recordings: fc.array(recordingScript(seconds * 1_000), { minLength: recordings, maxLength: recordings }),
  /** When the process is killed, and for how long it stays away; when one of its capture threads dies. */
  deaths: fc.array(fc.record({
    atMs: within(2_000, seconds * 1_000), of: fc.constantFrom('process' as const, 'thread' as const), awayMs: within(0, 1_500), thread: fc.nat(1)
  }), { minLength: seconds < 20 ? 0 : 1, maxLength: seconds < 20 ? 1 : 3 }).map((deaths) => deaths.sort((a, b) => a.atMs - b.atMs)),
  /** When the bucket takes nothing at all. */
  bucketAway: fc.option(fc.record({
    atMs: within(0, seconds * 1_000), forMs: within(1_000, 8_000), kind: fc.constantFrom('slow-down' as const, 'internal-error' as const, 'reset' as const)
  }), { nil: undefined })
})
export type RoundScript = ReturnType<typeof roundScript> extends fc.Arbitrary<infer One> ? One : never

/** How many recordings at once, and how long they last. */
export interface RoundSize { recordings: number, seconds: number }

/** Recordings that one gateway makes at once. The same seed and size give the same script. */
export function roundOf (seed: number, size: RoundSize): RoundScript {
  const [script] = fc.sample(roundScript(size), { seed, numRuns: 1 })
  if (script === undefined) throw new Error('no script')
  return script
}
