/** The load up to which a thread has time for all it does: of such threads the one with fewer tracks takes the next; above, the less busy one does. */
const easyLoad = 0.5
/** Loads that differ by less count as the same: the measure is no better. */
const sameLoad = 0.1

/** What is known of a thread that may take a track. */
export interface Place {
  /** What its load will be with the tracks that are on their way to it. */
  expectedLoad: number
  tracks: number
}

/** Orders threads so that the one with most room for a track comes first. */
export function byRoom<Thread> (threads: readonly Thread[], placeOf: (thread: Thread) => Place): Thread[] {
  const ranked = threads.map((thread) => {
    const { expectedLoad, tracks } = placeOf(thread)
    return { thread, tracks, rank: Math.floor(Math.max(easyLoad, expectedLoad) / sameLoad) }
  })
  return ranked.sort((a, b) => a.rank - b.rank || a.tracks - b.tracks).map(({ thread }) => thread)
}
