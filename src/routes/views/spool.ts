import { Type, type Static } from 'typebox'
import type { SpoolUse } from '../../state/spools.ts'

export const SpoolView = Type.Object({
  SpoolId: Type.String(),
  State: Type.Enum(['Here', 'Away', 'Forgotten'], { description: '`Here`: this gateway records into it. `Away`: it is waited for. `Forgotten`: it is not.' }),
  NodeId: Type.String(),
  Host: Type.String(),
  Path: Type.String(),
  SeenMs: Type.Integer({ description: 'When a gateway last worked on it.' }),
  OpenTracks: Type.Integer({ description: 'Tracks whose audio waits in it.' })
})
export type SpoolView = Static<typeof SpoolView>

export function spoolView ({ id, nodeId, host, path, seenMs, forgottenMs, openTracks }: SpoolUse, here: string): SpoolView {
  const state = id === here ? 'Here' : forgottenMs === null ? 'Away' : 'Forgotten'
  return { SpoolId: id, State: state, NodeId: nodeId, Host: host, Path: path, SeenMs: seenMs, OpenTracks: openTracks }
}
