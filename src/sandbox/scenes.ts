import { setTimeout as sleep } from 'node:timers/promises'
import type { RoomId } from '../trtc/room-id.ts'
import { loadClip } from './audio/clips.ts'
import type { Room } from './cloud/room.ts'
import type { Speaker, SpeakerLeaveReason, SpeakerRole } from './speaker.ts'

type ClipName = Parameters<typeof loadClip>[0]

/** Something that happens in a room, `at` seconds after the scene began. */
type Step =
  | { at: number, do: 'enter', user: string, role?: SpeakerRole }
  | { at: number, do: 'talk', user: string, clip: ClipName }
  | { at: number, do: 'mute' | 'unmute', user: string }
  | { at: number, do: 'leave', user: string, reason?: SpeakerLeaveReason }
  | { at: number, do: 'dismiss' }

export interface Scene {
  roomId: RoomId
  /** Ordered by `at`. */
  steps: readonly Step[]
}

export const scenes = {
  /** Three people talk; one mutes and comes back, one leaves and comes again, and the room is dismissed under them. */
  'three-speakers': {
    roomId: 'sandbox-three-speakers',
    steps: [
      { at: 0, do: 'enter', user: 'alice' },
      { at: 0.2, do: 'talk', user: 'alice', clip: 'low' },
      { at: 2, do: 'enter', user: 'bob' },
      { at: 2.2, do: 'talk', user: 'bob', clip: 'middle' },
      { at: 4, do: 'enter', user: 'carol' },
      { at: 4.2, do: 'talk', user: 'carol', clip: 'high' },
      { at: 7, do: 'mute', user: 'alice' },
      { at: 9, do: 'leave', user: 'bob' },
      { at: 11, do: 'unmute', user: 'alice' },
      { at: 14, do: 'enter', user: 'bob' },
      { at: 14.2, do: 'talk', user: 'bob', clip: 'middle' },
      { at: 22, do: 'dismiss' }
    ]
  },
  /** A lesson in words instead of tones: the teacher talks throughout, a guest joins from the audience for a while. */
  lesson: {
    roomId: 'sandbox-lesson',
    steps: [
      { at: 0, do: 'enter', user: 'teacher' },
      { at: 0.2, do: 'talk', user: 'teacher', clip: 'teacher' },
      { at: 1, do: 'enter', user: 'guest', role: 'audience' },
      { at: 6, do: 'leave', user: 'guest' },
      { at: 6.5, do: 'enter', user: 'guest' },
      { at: 7, do: 'talk', user: 'guest', clip: 'guest' },
      { at: 14, do: 'leave', user: 'guest', reason: 'timeout' },
      { at: 18, do: 'leave', user: 'teacher' }
    ]
  }
} as const satisfies Record<string, Scene>

export type SceneName = keyof typeof scenes

export interface PlayOptions {
  signal: AbortSignal
  /** Stretches the scene's times; 0.5 is twice as fast. What is said keeps its own pace. */
  factor?: number
  /** @param atMs when it was done, Unix milliseconds */
  onStep?: (step: Step, atMs: number) => void
}

/** Plays a scene in a room, and resolves after its last step. */
export async function playScene (room: Room, { steps }: Scene, { signal, factor = 1, onStep }: PlayOptions): Promise<void> {
  const speakers = new Map<string, Speaker>()
  const speaker = (user: string): Speaker => {
    const present = speakers.get(user)
    if (present === undefined) throw new Error(`${user} has not entered`)
    return present
  }
  const begun = performance.now()
  for (const step of steps) {
    await sleep(Math.max(0, step.at * factor * 1000 - (performance.now() - begun)), undefined, { signal })
    switch (step.do) {
      case 'enter': speakers.set(step.user, room.enter(step.user, step.role === undefined ? {} : { role: step.role })); break
      case 'talk': speaker(step.user).talk(loadClip(step.clip)); break
      case 'mute': speaker(step.user).mute(); break
      case 'unmute': speaker(step.user).unmute(); break
      case 'leave': speaker(step.user).leave(step.reason); break
      case 'dismiss': room.dismiss(); break
      default: step satisfies never
    }
    onStep?.(step, room.now())
  }
}
