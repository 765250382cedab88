import type { MessagePort } from 'node:worker_threads'
import { messageOf, RoomtapeError } from '../core/errors.ts'
import type { CallTable, CrossedError, FromThread, ToThread } from './protocol.ts'

/** How a thread answers each of its calls. */
export type Answers<Calls extends CallTable<Calls>> = { [Name in keyof Calls]: (request: Calls[Name]['request']) => Promise<Calls[Name]['result']> }

/** A thread's own end of the line: answers calls, reports, and says when it is ready. */
export class CallAnswerer<Calls extends CallTable<Calls>, Ready, Report> {
  readonly #port: MessagePort
  #running = 0

  constructor (port: MessagePort) {
    this.#port = port
  }

  /** Calls that are being carried out. */
  get running (): number { return this.#running }

  report (report: Report): void {
    this.#post({ type: 'report', report })
  }

  /** Takes calls from now on, those included that came before. */
  answer (answers: Answers<Calls>, { ready, onStop }: { ready: Ready, onStop: () => void }): void {
    this.#port.on('message', (message: ToThread) => {
      switch (message.type) {
        case 'call': void this.#answer(message.id, () => answers[message.name as keyof Calls](message.request)); break
        case 'stop': onStop(); break
        default: message satisfies never
      }
    })
    this.#post({ type: 'ready', ready })
  }

  async #answer (id: number, work: () => Promise<unknown>): Promise<void> {
    this.#running++
    try {
      this.#post({ type: 'done', id, result: await work() })
    } catch (error) {
      this.#post({ type: 'failed', id, error: crossed(error) })
    } finally {
      this.#running--
    }
  }

  #post (message: FromThread<Ready, Report>): void {
    this.#port.postMessage(message)
  }
}

function crossed (error: unknown): CrossedError {
  return { name: error instanceof RoomtapeError ? error.error : 'INTERNAL', message: messageOf(error) }
}
