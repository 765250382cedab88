const acts = new WeakMap<AbortSignal, Set<() => void>>()

/**
 * Has something done when a signal is aborted. For signals that thousands wait on: they share one listener, since an `EventTarget` looks
 * through all it has when one is added or removed.
 * @param act is done once, and must not throw
 * @returns takes it back
 */
export function onAbort (signal: AbortSignal, act: () => void): () => void {
  let waiting = acts.get(signal)
  if (waiting === undefined) {
    const all = new Set<() => void>()
    acts.set(signal, waiting = all)
    signal.addEventListener('abort', () => {
      for (const each of all) each()
      all.clear()
    }, { once: true })
  }
  const shared = waiting.add(act)
  return () => { shared.delete(act) }
}
