import type { Scene } from '../scenes.ts'

/** Three people talk, in words; one is muted for a while, one leaves and comes back, and the room is dismissed under them. */
export const demoScene = {
  roomId: 'demo-room',
  steps: [
    { at: 0, do: 'enter', user: 'alice' },
    { at: 0, do: 'talk', user: 'alice', clip: 'teacher' },
    { at: 1.5, do: 'enter', user: 'bob' },
    { at: 1.5, do: 'talk', user: 'bob', clip: 'agent' },
    { at: 3, do: 'enter', user: 'carol' },
    { at: 3, do: 'talk', user: 'carol', clip: 'guest' },
    { at: 6.5, do: 'mute', user: 'alice' },
    { at: 8.5, do: 'leave', user: 'bob' },
    { at: 10.5, do: 'unmute', user: 'alice' },
    { at: 12.5, do: 'enter', user: 'bob' },
    { at: 12.5, do: 'talk', user: 'bob', clip: 'agent' },
    { at: 17, do: 'dismiss' }
  ]
} as const satisfies Scene

type Step = Scene['steps'][number]

/** The users who enter in the scene; each must have a file in the end. */
export const demoSpeakers: readonly string[] = [...new Set(demoScene.steps.flatMap((step) => step.do === 'enter' ? [step.user] : []))]

/** A sentence about a step; undefined for `talk`, which the sentence about `enter` tells too. @param seen whether the user was in the room before */
export function tellStep (step: Step, seen: boolean): string | undefined {
  switch (step.do) {
    case 'enter': return `${step.user} ${seen ? 'comes back' : 'enters'} and talks`
    case 'talk': return undefined
    case 'mute': return `${step.user} is muted`
    case 'unmute': return `${step.user} talks again`
    case 'leave': return `${step.user} leaves`
    case 'dismiss': return 'the room is dismissed'
    default: return step satisfies never
  }
}
