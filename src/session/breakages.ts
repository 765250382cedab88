import { backOffMs } from '../core/back-off.ts'

/** How long a track lasts before it owes nothing to the one that broke before it. */
const forgetMs = 300_000

/** How often in a row the disk failed a track of each user, and when last: a full disk is not tried all the time. Times are of `performance.now()`. */
export class Breakages {
  readonly #ofUsers = new Map<string, { count: number, lastMs: number }>()

  note (userId: string, nowMs: number): void {
    const { count, lastMs } = this.#ofUsers.get(userId) ?? { count: 0, lastMs: 0 }
    this.#ofUsers.set(userId, { count: nowMs - lastMs > forgetMs ? 1 : count + 1, lastMs: nowMs })
  }

  /** When the next track of a user may be tried; 0: at once. */
  retryAtMs (userId: string): number {
    const { count, lastMs } = this.#ofUsers.get(userId) ?? { count: 0, lastMs: 0 }
    return count < 2 ? 0 : lastMs + backOffMs(count - 2)
  }
}
