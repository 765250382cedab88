/** A program that records, for one round. */
export interface Contestant {
  /** Makes room for that many streams. @returns the URLs to publish to */
  open (tracks: number, options: { signal: AbortSignal }): Promise<string[]>
  /** The processes it consists of. */
  pids (): Promise<number[]>
  /** Waits until the files are complete. Called after all publishers have left. */
  finish (options: { signal: AbortSignal }): Promise<void>
  /** The files of a stream in their order; none before it begins. */
  filesOf (stream: number): Promise<string[]>
  /** The frames that stand in one of them, which must be whole. */
  framesIn (file: Buffer): Iterable<Buffer>
  [Symbol.asyncDispose] (): Promise<void>
}

/** A program of others that records. It may be on this machine or not. */
export interface Peer {
  name: string
  /** The most streams that it is tried with. */
  maxTracks: number
  /** How to install it, one sentence. */
  install: string
  /** Undefined when it is not installed. */
  find (): Promise<Start | undefined>
}

export type Start = (place: Place, options: { signal: AbortSignal }) => Promise<Contestant>

export interface Place {
  /** A folder of its own, for this round. */
  directory: string
  threads: number
}
