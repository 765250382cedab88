/** The longest nap, which is what a killed process loses on top of its unwritten fragments. */
const napMs = 100
/** While somebody is connecting, or the thread has work beside its audio: a handful of round trips. */
const exchangeNapMs = 20
/** While segments are put into a store: some twenty steps each, of which one is made at each look. */
const storingNapMs = 5
/** While calls are carried out and files begun: thousands of steps that each wait for the next look at the sockets. */
const workingNapMs = 1
/** How long after a connection was taken another may be waiting, since only one is taken at each look. */
const acceptingMs = 50

/** What goes on in a thread when it may nap. */
export interface Activity {
  /** Connections whose audio arrives. */
  publishing: number
  /** Connections that do not publish yet, or no longer. */
  opening: number
  sinceAcceptedMs: number
  callsRunning: number
  filesOpening: number
  /** Segments are on their way to a store. */
  storing: boolean
  /** Earlier files are salvaged, or it is waited for that a track falls quiet. */
  workingBeside: boolean
}

/** How long a thread may nap before it looks at its sockets again, milliseconds; 0: it waits in its event loop as Node does. */
export function napFor ({ publishing, opening, sinceAcceptedMs, callsRunning, filesOpening, storing, workingBeside }: Activity): number {
  if (publishing === 0) return 0
  if (callsRunning > 0 || filesOpening > 0 || sinceAcceptedMs < acceptingMs) return workingNapMs
  if (storing) return storingNapMs
  return opening > 0 || workingBeside ? exchangeNapMs : napMs
}
