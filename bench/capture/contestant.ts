/** A program that records, for one round. */
export interface Contestant {
  /** Makes room for that many streams. @returns the URLs to publish to */
  open (tracks: number, options: { signal: AbortSignal }): Promise<string[]>
  /** The processes it consists of. */
  pids (): Promise<number[]>
  /** After all publishers have left: waits until the files are complete. */
  finish (options: { signal: AbortSignal }): Promise<void>
  /** The frames that stand in the files of a stream. */
  framesOf (stream: number): AsyncIterable<Buffer>
  [Symbol.asyncDispose] (): Promise<void>
}
