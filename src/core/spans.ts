/** A stretch of time, Unix milliseconds; `endMs` may be Infinity. Lists of them are in order and do not touch. */
export interface Span { startMs: number, endMs: number }

/** The stretches of the spans that lie in one of the others. */
export function intersect (spans: readonly Span[], others: readonly Span[]): Span[] {
  return spans.flatMap((span) => others
    .map((other) => ({ startMs: Math.max(span.startMs, other.startMs), endMs: Math.min(span.endMs, other.endMs) }))
    .filter(({ startMs, endMs }) => endMs > startMs))
}

/** The stretches of the spans that lie in none of the others. */
export function subtract (spans: readonly Span[], others: readonly Span[]): Span[] {
  return others.reduce<Span[]>((rest, other) => rest.flatMap((span) => [
    { startMs: span.startMs, endMs: Math.min(span.endMs, other.startMs) },
    { startMs: Math.max(span.startMs, other.endMs), endMs: span.endMs }
  ].filter(({ startMs, endMs }) => endMs > startMs)), [...spans])
}

/** The same time as spans in order that do not touch. */
export function unite (spans: readonly Span[]): Span[] {
  const united: Span[] = []
  for (const { startMs, endMs } of [...spans].sort((a, b) => a.startMs - b.startMs)) {
    const last = united.at(-1)
    if (last !== undefined && startMs <= last.endMs) last.endMs = Math.max(last.endMs, endMs)
    else if (endMs > startMs) united.push({ startMs, endMs })
  }
  return united
}

export function lengthOf (spans: readonly Span[]): number {
  return spans.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0)
}
