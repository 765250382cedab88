/** What the bench asks of its recording process. */
export interface RecorderCalls {
  /** Starts the capture threads. Tracks are cut only with `segments`, whose directory takes the segments. */
  start: { request: { spoolDir: string, threads: number, segments?: { seconds: number, directory: string } | undefined }, result: null }
  /** Opens that many tracks. Gives the URLs to push to, stream by stream. */
  open: { request: { tracks: number }, result: string[] }
  /** Waits until every publisher has been seen to leave, and finishes the files. */
  finish: { request: null, result: null }
}

/** What the bench asks of a process that publishes. */
export interface GeneratorCalls {
  /** Has every stream published. Resolves when the server has accepted all of them. */
  connect: { request: { streams: { index: number, url: string }[] }, result: null }
  /** Lets all of them talk from now on. */
  talk: { request: null, result: null }
  /** Begins to watch its own punctuality anew. */
  watch: { request: null, result: null }
  /** Hangs up. Resolves when the server has read everything and closed too. */
  stop: { request: null, result: Sent }
}

export interface Sent {
  /** Frames sent, in the order of the streams. */
  frames: number[]
  /** How late frames were written, since `watch`. */
  lateP99Ms: number
  lateMaxMs: number
}

type Shape = { request: unknown, result: unknown }
/** Any of the interfaces above. */
export type Calls<Names> = { [Name in keyof Names]: Shape }

export interface Question { id: number, name: string, request: unknown }
export type Answer = { id: number, result: unknown } | { id: number, error: string }
