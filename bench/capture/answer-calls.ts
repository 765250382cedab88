import { messageOf } from '../../src/core/errors.ts'
import type { Answer, Calls, Question } from './calls.ts'

type Answers<Names extends Calls<Names>> = { [Name in keyof Names]: (request: Names[Name]['request']) => Promise<Names[Name]['result']> }

/** The child's half of `Child`. @param close called when the parent is gone: whatever keeps this process alive has to end */
export function answerCalls<Names extends Calls<Names>> (answers: Answers<Names>, close: () => Promise<void>): void {
  process.on('message', ({ id, name, request }: Question) => {
    answers[name as keyof Names](request as never).then(
      (result) => { reply({ id, result }) },
      (error: unknown) => { reply({ id, error: messageOf(error) }) }
    )
  })
  process.once('disconnect', () => { void close() })
  // Ctrl-C reaches the whole group; the parent ends us in its order
  process.on('SIGINT', () => undefined)
}

function reply (answer: Answer): void {
  if (process.connected) process.send?.(answer)
}
