/** What was waited for has not come in its time; it may still. */
export class TooLate extends Error {
  override readonly name = 'TooLate'
}

/**
 * Waits for work, but not for ever. The work itself goes on; whatever comes of it later is nobody's business any more.
 * @throws TooLate after `limitMs`
 */
export async function within<T> (limitMs: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  // A process that stood still finds its timer due and the answer unread: the answer is read first.
  const timer = setTimeout(() => { setImmediate(() => { reject(new TooLate(`no answer within ${limitMs} ms`)) }) }, limitMs)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}
