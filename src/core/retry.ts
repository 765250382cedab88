import timers from 'node:timers/promises'

/** Number of tries and the back-off between them: `firstDelayMs`, doubled each time, never above `maxDelayMs`. */
export interface RetrySchedule {
  /** Tries in all, the first included. */
  attempts: number
  firstDelayMs: number
  maxDelayMs: number
}

export interface RetryOptions {
  schedule: RetrySchedule
  /** Ends the waiting; an attempt that runs has to watch it itself. */
  signal: AbortSignal
  /** Whether what was thrown can heal by trying again. */
  retryable: (error: unknown) => boolean
  random?: () => number
}

/**
 * Runs `attempt` until it succeeds, cannot heal or used up its tries, and throws what the last one threw.
 * Waits between half and the whole of each delay (jitter), so that many that failed together do not come back together.
 * @throws the signal's reason once it is aborted
 */
export async function retry<T> (attempt: (attemptNumber: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { schedule, signal, retryable, random = Math.random } = options
  for (let attemptNumber = 1; ; attemptNumber++) {
    signal.throwIfAborted()
    try {
      return await attempt(attemptNumber)
    } catch (error) {
      signal.throwIfAborted()
      if (attemptNumber >= schedule.attempts || !retryable(error)) throw error
    }
    await pause(delayMs(schedule, attemptNumber, random), signal)
  }
}

function delayMs ({ firstDelayMs, maxDelayMs }: RetrySchedule, failures: number, random: () => number): number {
  return Math.min(maxDelayMs, firstDelayMs * 2 ** (failures - 1)) * (1 + random()) / 2
}

/** Waits unless or until the signal is aborted; unlike the timer's own error, what is thrown is the signal's reason. */
async function pause (ms: number, signal: AbortSignal): Promise<void> {
  try {
    await timers.setTimeout(ms, undefined, { signal })
  } catch (error) {
    signal.throwIfAborted()
    throw error
  }
}
