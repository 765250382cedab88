import fc from 'fast-check'
import type { ToneClip } from '../../../src/sandbox/audio/clips.ts'
import type { Fate } from '../../../src/sandbox/cloud/events.ts'
import type { CallFault } from '../../../src/sandbox/cloud/faults.ts'
import type { FaultKind } from '../../../src/sandbox/cos/faults.ts'

/** Ids as tenants have them; the last is what `a.b` becomes in base64. */
const userIds = ['ann', 'bob_2', 'Carl-3', '张三', 'dora@school.example', 'e/../e', ' ', 'a.b', 'YS5i']
/** How far the machine's clock may be off: TRTC and the bucket refuse what is signed five minutes wrong. */
const mostOffsetMs = 200_000
const tones: readonly ToneClip[] = ['low', 'middle', 'high']

/** What is rare: one time in `n`. */
const rarely = (n: number): fc.Arbitrary<boolean> => fc.noBias(fc.nat(n - 1)).map((each) => each === 0)
/** A whole number of milliseconds between two, each as likely as the others. */
const within = (fromMs: number, toMs: number): fc.Arbitrary<number> => fc.noBias(fc.integer({ min: fromMs, max: toMs }))

/** Some of these, in no order. */
const some = <One>(one: fc.Arbitrary<One>, most: number): fc.Arbitrary<One[]> =>
  fc.noBias(fc.nat(most)).chain((count) => fc.array(one, { minLength: count, maxLength: count }))

/** What is undone by the same again. */
const turns = ['come-or-go', 'mute-or-talk', 'pause-or-resume', 'pause-or-resume-all'] as const
/** Who catches up, does so between these times real time, if not all at once. */
const catchUpSpeed = fc.integer({ min: 105, max: 200 }).map((percent) => percent / 100)

/** What may happen to a user. A turn is undone after `forMs`. */
const happening = fc.oneof(
  { weight: 8, arbitrary: fc.record({ what: fc.constantFrom(...turns), forMs: within(300, 9_000) }) },
  { weight: 5, arbitrary: fc.record({ what: fc.constantFrom('cut' as const, 'reset' as const) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('encoding' as const) }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('source-stall' as const), forMs: within(600, 3_000) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('network-stall' as const), forMs: within(300, 4_000), speed: fc.oneof(fc.constant(Infinity), catchUpSpeed)
    })
  }
)
export type Happening = typeof happening extends fc.Arbitrary<infer One> ? One : never

/** Of the user who comes by this number in `users`, counted round and round. */
type Step = Happening & { atMs: number, user: number }

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

/** A random recording of so many milliseconds. `user` counts in `users`; a step that makes no sense when its time has come is left out. */
const recordingScript = (lengthMs: number) => fc.record({
  users: fc.tuple(fc.shuffledSubarray(userIds, { minLength: 1, maxLength: 3 }), fc.array(rarely(6), { minLength: 3, maxLength: 3 }))
    .map(([ids, silent]) => ids.map((userId, index) => ({ userId, tone: tones[index]!, entersSilent: silent[index]! }))),
  output: fc.record({ FillGaps: fc.boolean(), SegmentSeconds: fc.constantFrom(0, 2, 3), Format: fc.constantFrom('m4a', 'aac') }),
  steps: fc.array(fc.tuple(happening, within(200, lengthMs - 500), fc.nat(2)), {
    minLength: Math.ceil(lengthMs / 5_000), maxLength: Math.ceil(lengthMs / 2_500)
  }).map((steps) => steps.flatMap(([each, atMs, user]) => withUndoing({ ...each, atMs, user })).sort((a, b) => a.atMs - b.atMs)),
  /** When it begins; it ends with the others. */
  beginsMs: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: within(3_000, Math.floor(lengthMs / 2)) }),
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
  calls: some(fc.record({
    user: fc.nat(2),
    action: fc.constantFrom('StartPublishCdnStream' as const, 'StopPublishCdnStream' as const),
    nth: fc.constantFrom(1, 1, 1, 2, 3),
    fault: callFault
  }), 4),
  /** The nth relay of this user never reaches the gateway. */
  barred: fc.option(fc.record({ user: fc.nat(2), nth: fc.integer({ min: 1, max: 2 }) }), { freq: 4, nil: undefined }),
  end: fc.constantFrom('dismiss' as const, 'stop' as const)
}).map((script) => script.losesEnd && script.end === 'dismiss' ? stayingOf(script) : { ...script, losesEnd: false })
export type JudgedScript = ReturnType<typeof recordingScript> extends fc.Arbitrary<infer One> ? One : never

function withUndoing (step: Step): Step[] {
  return turns.some((turn) => turn === step.what) && 'forMs' in step ? [step, { ...step, atMs: step.atMs + step.forMs }] : [step]
}

/**
 * Nobody leaves: a room that has been empty for a while is over, and this one shall be so only by its end. Nobody is barred and no Start
 * fails either: that a relay has given up, or never was, is known after more than a minute.
 */
function stayingOf<Script extends { steps: Pick<Step, 'what'>[], calls: { action: string }[], barred: unknown }> (script: Script): Script {
  return {
    ...script,
    steps: script.steps.filter(({ what }) => what !== 'come-or-go'),
    calls: script.calls.filter(({ action }) => action !== 'StartPublishCdnStream'),
    barred: undefined
  }
}

const clockStep = (lengthMs: number) => fc.record({
  atMs: within(2_000, lengthMs / 2), forMs: within(3_000, lengthMs / 3), offsetMs: within(-mostOffsetMs, mostOffsetMs)
})

const roundScript = ({ recordings, seconds }: RoundSize) => fc.record({
  lengthMs: fc.constant(seconds * 1_000),
  recordings: fc.array(recordingScript(seconds * 1_000), { minLength: recordings, maxLength: recordings }),
  /** What happens to all of them, one after another: it waits for the one before. */
  incidents: fc.tuple(
    // The process is killed, and stays away for so long
    some(fc.record({ what: fc.constant('kill' as const), atMs: within(2_000, seconds * 1_000), awayMs: within(0, 1_500) }), 2),
    // A capture thread ends
    some(fc.record({ what: fc.constant('thread' as const), atMs: within(2_000, seconds * 1_000), thread: fc.nat(1) }), 2),
    // The machine's clock is set wrong by so much, and right again: while it is wrong for good, nobody can tell when TRTC's events happened
    some(clockStep(seconds * 1_000), 1).map((steps) => steps.flatMap(({ atMs, forMs, offsetMs }) => [
      { what: 'clock' as const, atMs, offsetMs },
      { what: 'clock' as const, atMs: atMs + forMs, offsetMs: 0 }
    ])),
    // Nobody reaches the database, for so long
    some(fc.record({
      what: fc.constant('database' as const),
      atMs: within(5_000, seconds * 1_000),
      awayMs: within(3_000, 9_000),
      how: fc.constantFrom('refuse' as const, 'hang' as const)
    }), 1)
  ).map((incidents) => incidents.flat().sort((a, b) => a.atMs - b.atMs)),
  /** When the bucket takes nothing at all. */
  bucketAway: fc.option(fc.record({
    atMs: within(0, seconds * 1_000), forMs: within(1_000, 8_000), kind: fc.constantFrom('slow-down' as const, 'internal-error' as const, 'reset' as const)
  }), { nil: undefined })
})
export type RoundScript = ReturnType<typeof roundScript> extends fc.Arbitrary<infer One> ? One : never
export type Incident = RoundScript['incidents'][number]

/** How many recordings at once, how long they last, and what does not happen to them: the rest is as it would be with it. */
export interface RoundSize { recordings: number, seconds: number, without?: readonly Incident['what'][] }

/** Recordings that one gateway makes at once. The same seed and size give the same script. */
export function roundOf (seed: number, size: RoundSize): RoundScript {
  const [script] = fc.sample(roundScript(size), { seed, numRuns: 1 })
  if (script === undefined) throw new Error('no script')
  const { without = [] } = size
  return { ...script, incidents: script.incidents.filter(({ what }) => !without.includes(what)) }
}
