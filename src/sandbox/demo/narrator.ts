import type { WriteStream } from 'node:tty'
import { styleText } from 'node:util'
import { messageOf } from '../../core/errors.ts'

type Style = Parameters<typeof styleText>[0]

/** Prints what happens, with the seconds since the demo began; in colour on a terminal only. */
export class Narrator {
  readonly #stream: WriteStream
  readonly #begun = performance.now()

  constructor (stream: WriteStream) {
    this.#stream = stream
  }

  get elapsedMs (): number { return Math.round(performance.now() - this.#begun) }

  /** Prints a line without a time; without a text an empty one. */
  print (text = '', style?: Style): void {
    this.#stream.write(`${style === undefined ? text : styleText(style, text, { stream: this.#stream })}\n`)
  }

  say (text: string, style?: Style): void {
    const time = `${(this.elapsedMs / 1000).toFixed(1).padStart(5)} s`
    this.print(`${styleText('dim', time, { stream: this.#stream })}  ${style === undefined ? text : styleText(style, text, { stream: this.#stream })}`)
  }

  /** Does one part of the work. @throws Error whose message begins with the part's name */
  async step<T> (name: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw new Error(`${name}: ${messageOf(error)}`, { cause: error })
    }
  }
}
