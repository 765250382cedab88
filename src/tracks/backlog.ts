/** How many fragments, a second each, wait when the disk may be behind. Fewer than are ever refused. */
const behindFragments = 3
/** How long they wait before it is. */
const behindMs = 1_000

/** Tells when the disk falls behind with a track, before anything of it is lost, and when it has caught up. */
export class Backlog {
  #longSinceMs: number | undefined
  #lostMs = 0
  #behind = false

  get behind (): boolean { return this.#behind }

  /**
   * To be called several times a second.
   * @param waiting fragments that wait for the disk
   * @param lostMs audio that was lost to a full queue, in all
   * @returns the change since the last look, if there is one
   */
  look (nowMs: number, { waiting, lostMs }: { waiting: number, lostMs: number }): 'behind' | 'caughtUp' | undefined {
    const losing = lostMs > this.#lostMs
    this.#lostMs = lostMs
    if (waiting < behindFragments) this.#longSinceMs = undefined
    else this.#longSinceMs ??= nowMs
    if (!this.#behind && (losing || (this.#longSinceMs !== undefined && nowMs - this.#longSinceMs >= behindMs))) {
      this.#behind = true
      return 'behind'
    }
    if (this.#behind && !losing && waiting <= 1) {
      this.#behind = false
      return 'caughtUp'
    }
    return undefined
  }
}
