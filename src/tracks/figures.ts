/** What a capture thread says of itself, all of its tracks taken together. */
export const figures = [
  /** Share of time the loop is expected to be busy with every track it has, 0…1 and above; and what one more track adds. */
  'load', 'trackLoad',
  'tracks', 'connections', 'publishing',
  /** Counted since the thread began, as is every figure that ends in `Total`, and `lostMs`. */
  'framesTotal', 'frameBytesTotal', 'droppedFramesTotal',
  /** Fragments that wait for the disk, and the tracks of which too many do. */
  'fragmentsWaiting', 'tracksBehind',
  /** Audio the disk could not take. */
  'lostMs'
] as const
export type Figure = typeof figures[number]
export type Figures = Record<Figure, number>
