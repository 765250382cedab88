/** Somebody set the wall clock: from `atMs` on, by a clock that nobody sets, it was `stepMs` further ahead of that clock than before. */
export interface ClockStep { atMs: number, stepMs: number }

/** A smaller difference is how clocks are kept right: nobody set them. */
const leastStepMs = 200
/** A wall clock that runs wrong is set again and again: what comes after so many steps is added to the last. */
const maxSteps = 1_000

/** How far ahead of the other clock the wall clock is after these steps. */
export function aheadAfter (steps: readonly ClockStep[]): number {
  return steps.reduce((sum, { stepMs }) => sum + stepMs, 0)
}

/**
 * The steps, with one more if the wall clock was set since the last.
 * @param nowMs by the clock that nobody sets
 * @param aheadMs how far the wall clock is ahead of it
 */
export function stepsBy (steps: readonly ClockStep[], nowMs: number, aheadMs: number): readonly ClockStep[] {
  const stepMs = aheadMs - aheadAfter(steps)
  if (Math.abs(stepMs) <= leastStepMs) return steps
  const last = steps.at(-1)
  if (last === undefined || steps.length < maxSteps) return [...steps, { atMs: nowMs, stepMs }]
  return [...steps.slice(0, -1), { ...last, stepMs: last.stepMs + stepMs }]
}
