import assert from 'node:assert/strict'
import type { GapCause } from '../../src/media/track-summary.ts'
import { loadClip, secondOfTone } from '../../src/sandbox/audio/clips.ts'
import { listen, tonesHeard } from './listen.ts'

/** What a source does next. Times are room time, ms from the beginning. */
type Step =
  | { do: 'talk' | 'be silent', untilMs: number }
  /** Audio from now on arrives at `untilMs`, all at once. */
  | { do: 'stall', untilMs: number }
  /** The source's timestamps go on from this one. @param bits how many it counts in, 32 by default */
  | { do: 'set clock', timestampMs: number, bits?: number }
  | { do: 'pause' | 'resume' }
  /** The connection breaks, and another with the same key takes its place. */
  | { do: 'reconnect' }
  /** The user leaves, and is pushed with another key on returning. */
  | { do: 'rejoin' }

export interface ToneScene {
  what: string
  steps: Step[]
  /** The seconds that are heard whole, each in its place. */
  seconds: number[]
  causes: GapCause[]
}

/** Each source says in every second the tone of that second, for eight seconds. */
export const toneScenes: ToneScene[] = [
  {
    what: 'a mute of three seconds',
    steps: [{ do: 'talk', untilMs: 2800 }, { do: 'be silent', untilMs: 5900 }, { do: 'talk', untilMs: 7990 }],
    seconds: [0, 1, 2, 6, 7],
    causes: ['missing']
  },
  {
    what: 'somebody who leaves for five seconds and is pushed anew with another key',
    steps: [
      { do: 'talk', untilMs: 1900 }, { do: 'rejoin' }, { do: 'be silent', untilMs: 6900 }, { do: 'set clock', timestampMs: 77 },
      { do: 'talk', untilMs: 7990 }
    ],
    seconds: [0, 1, 7],
    causes: ['disconnected']
  },
  {
    what: 'a connection that breaks and comes back with timestamps from 0',
    steps: [
      { do: 'talk', untilMs: 2900 }, { do: 'reconnect' }, { do: 'be silent', untilMs: 3900 }, { do: 'set clock', timestampMs: 0 },
      { do: 'talk', untilMs: 7990 }
    ],
    seconds: [0, 1, 2, 4, 5, 6, 7],
    causes: ['reconnected']
  },
  {
    what: 'a stall of two seconds, then all at once',
    steps: [{ do: 'talk', untilMs: 2900 }, { do: 'stall', untilMs: 4900 }, { do: 'talk', untilMs: 7990 }],
    seconds: [0, 1, 2, 3, 4, 5, 6, 7],
    causes: []
  },
  {
    what: 'a clock that leaps an hour forward in silence',
    steps: [
      { do: 'talk', untilMs: 2900 }, { do: 'be silent', untilMs: 3900 }, { do: 'set clock', timestampMs: 4_003_600_000 }, { do: 'talk', untilMs: 7990 }
    ],
    seconds: [0, 1, 2, 4, 5, 6, 7],
    causes: ['clock']
  },
  {
    what: 'a clock that goes a minute back',
    steps: [
      { do: 'talk', untilMs: 2900 }, { do: 'be silent', untilMs: 3900 }, { do: 'set clock', timestampMs: 3_999_940_000 }, { do: 'talk', untilMs: 7990 }
    ],
    seconds: [0, 1, 2, 4, 5, 6, 7],
    causes: ['clock']
  },
  {
    what: 'a clock that wraps at 24 bits, as does one of 32',
    steps: [
      { do: 'set clock', timestampMs: 2 ** 24 - 2000, bits: 24 }, { do: 'talk', untilMs: 4000 },
      { do: 'set clock', timestampMs: 2 ** 32 - 2000 }, { do: 'talk', untilMs: 7990 }
    ],
    seconds: [0, 1, 2, 3, 4, 5, 6, 7],
    causes: []
  },
  {
    what: 'a pause of three seconds',
    steps: [{ do: 'talk', untilMs: 1900 }, { do: 'pause' }, { do: 'talk', untilMs: 4900 }, { do: 'resume' }, { do: 'talk', untilMs: 7990 }],
    seconds: [0, 1, 5, 6, 7],
    causes: ['paused']
  }
]

export const clip = loadClip('low')
export const frameMs = 1024 / 48
const firstTimestampMs = 4_000_000_000

/** Takes the steps of a scene; each is awaited before the next. `dueMs` is room time, from the beginning. */
interface Recorder {
  write (frame: Uint8Array, timestampMs: number, dueMs: number): Promise<void> | void
  pause (paused: boolean, dueMs: number): Promise<void> | void
  reconnect (): Promise<void> | void
  rejoin (): Promise<void> | void
}

export async function play ({ steps }: ToneScene, recorder: Recorder): Promise<void> {
  /** When the next frame begins. */
  let nowMs = 0
  /** The source's clock less the room's. */
  let clockMs = firstTimestampMs
  let clockBits = 32
  let heldUntilMs = 0
  for (const step of steps) {
    switch (step.do) {
      case 'talk':
        for (; nowMs < step.untilMs; nowMs += frameMs) {
          const frame = clip.frames[Math.round(nowMs / frameMs) % clip.frames.length]!
          await recorder.write(frame, Math.round(nowMs + clockMs) % 2 ** clockBits, Math.max(nowMs, heldUntilMs))
        }
        break
      case 'be silent': nowMs = Math.ceil(step.untilMs / frameMs) * frameMs; break
      case 'stall': heldUntilMs = step.untilMs; break
      case 'set clock':
        clockMs = step.timestampMs - nowMs
        clockBits = step.bits ?? 32
        break
      case 'pause': await recorder.pause(true, nowMs); break
      case 'resume': await recorder.pause(false, nowMs); break
      case 'reconnect': await recorder.reconnect(); break
      case 'rejoin': await recorder.rejoin(); break
      default: step satisfies never
    }
  }
}

interface Played {
  file: Buffer
  /** When the file begins, after the scene. */
  startMs: number
  toleranceMs: number
}

/** Every tone is heard in the second that it tells. @returns how late each is, ms */
export async function assertTonesInPlace ({ seconds }: ToneScene, { file, startMs, toleranceMs }: Played): Promise<number[]> {
  const heard = tonesHeard(await listen(file))
  assert.deepEqual(heard.map(({ lengthMs }) => secondOfTone.ofLength(lengthMs)), seconds)
  return heard.map((tone, index) => {
    const lateMs = tone.startMs + startMs - seconds[index]! * 1000
    assert.ok(Math.abs(lateMs) <= toleranceMs, `second ${seconds[index]} is heard ${lateMs} ms late`)
    return lateMs
  })
}
