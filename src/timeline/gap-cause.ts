import type { Presence } from '../rooms/presence.ts'
import { intersect, lengthOf, subtract, type Span } from '../core/spans.ts'

/** Causes that only say that nothing came; what the room tells of the user says more. */
const vague: ReadonlySet<string> = new Set(['missing', 'reconnected', 'disconnected'])

/**
 * Why there is no audio of a user: as the track has noted it, unless for the most part of the gap the user was muted or away.
 * @param presence undefined when no event spoke of the user: then nothing is known but the gap
 */
export function gapCause (gap: Span & { cause: string }, presence: Presence | undefined): string {
  return vague.has(gap.cause) ? roomCause(gap, presence) ?? gap.cause : gap.cause
}

/** `muted` or `left` if the user was so for the most part of the span, whichever was longer. A user in the audience has left. */
export function roomCause (span: Span, presence: Presence | undefined): 'muted' | 'left' | undefined {
  if (presence === undefined) return undefined
  const mutedMs = lengthOf(intersect([span], presence.muted))
  const awayMs = lengthOf(subtract([span], presence.onStage))
  if ((mutedMs + awayMs) * 2 <= span.endMs - span.startMs) return undefined
  return awayMs > mutedMs ? 'left' : 'muted'
}
