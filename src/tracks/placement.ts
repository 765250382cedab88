/** The load up to which a thread has time for all it does: of such threads the one with less in hand takes the next; above, the less busy one does. */
const easyLoad = 0.5
/** Loads that differ by less count as the same: the measure is no better. */
const sameLoad = 0.1

/** What is known of a thread that may take a track, or an upload. */
export interface Place {
  /** What its load will be with the tracks that are on their way to it. */
  expectedLoad: number
  /** How many tracks it has, or uploads. */
  inHand: number
}

/** Orders threads so that the one with most room for one more comes first. */
export function byRoom<Thread> (threads: readonly Thread[], placeOf: (thread: Thread) => Place): Thread[] {
  const ranked = threads.map((thread) => {
    const { expectedLoad, inHand } = placeOf(thread)
    return { thread, inHand, rank: Math.floor(Math.max(easyLoad, expectedLoad) / sameLoad) }
  })
  return ranked.sort((a, b) => a.rank - b.rank || a.inHand - b.inHand).map(({ thread }) => thread)
}
