/** No duration is as long, and no moment as early: September 2001. */
const earliestMs = 1e12

/** A copy of what a gateway told, with every moment in it moved: each member whose name ends in `Ms` and that is no duration. */
export function movedBy<Told> (ms: number, told: Told): Told {
  return JSON.parse(JSON.stringify(told), (name, value: unknown) => typeof value === 'number' && name.endsWith('Ms') && value > earliestMs ? value + ms : value) as Told
}
