import { closeSync, existsSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs'

const weekMs = 7 * 86_400_000

/**
 * Ids of events that were taken in the last week, in memory and in a file, a line each, so that they survive a restart. A line is written before
 * the callback is answered; it is not synced, so after a power cut the last events may be handed over again. Whoever has a database keeps them there
 * instead, in the transaction in which the event does its work.
 */
export class SeenIds {
  readonly #path: string
  readonly #most: number
  /** When each was taken, Unix milliseconds; the oldest is first. */
  readonly #ids = new Map<string, number>()
  #file: number
  /** Lines in the file. */
  #lines = 0

  /** @param most ids that are remembered: of more, the oldest are forgotten before their week is over */
  constructor (path: string, most = 500_000) {
    this.#path = path
    this.#most = most
    const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
    // What a crash has cut off is no line
    for (const [, atMs, id = ''] of text.matchAll(/^(\d{13}) (\S+)$(?=\n)/gm)) this.#ids.set(id, Number(atMs))
    this.#file = this.#rewrite()
  }

  has (id: string): boolean { return this.#ids.has(id) }

  add (id: string): void {
    const nowMs = Date.now()
    this.#ids.set(id, nowMs)
    if (this.#lines >= 2 * this.#most) {
      closeSync(this.#file)
      this.#file = this.#rewrite()
      return
    }
    this.#forget()
    writeSync(this.#file, `${nowMs} ${id}\n`)
    this.#lines++
  }

  #forget (): void {
    for (const [id, atMs] of this.#ids) {
      if (this.#ids.size <= this.#most && Date.now() - atMs < weekMs) return
      this.#ids.delete(id)
    }
  }

  #rewrite (): number {
    this.#forget()
    writeFileSync(`${this.#path}.new`, [...this.#ids].map(([id, atMs]) => `${atMs} ${id}\n`).join(''))
    renameSync(`${this.#path}.new`, this.#path)
    this.#lines = this.#ids.size
    return openSync(this.#path, 'a')
  }
}
