import { readFileSync } from 'node:fs'

/*
 * Who was heard at a moment, and where in which file, with nothing but Node:
 *
 *   node examples/timeline.ts timeline.json 2026-01-01T10:00:30Z
 *
 * Other programs use `roomMsOf` and `fileMsOf`. The document's form: docs/timeline.md
 */

interface Span { StartMs: number, EndMs: number | null }
interface Gap { StartMs: number, EndMs: number, Cause: string, FileMs: number, FilledMs: number }
interface File { Key: string, StartMs: number, EndMs: number, Gaps: Gap[] }
interface User { UserId: string, Present: Span[], Mutes: Span[], Tracks: Array<{ Files: File[] }>, Gaps: Array<Pick<Gap, 'StartMs' | 'EndMs' | 'Cause'>> }
interface Timeline { Users: User[] }

/** The room's time, Unix milliseconds, of a moment of the file. */
export function roomMsOf ({ StartMs, Gaps }: Pick<File, 'StartMs' | 'Gaps'>, fileMs: number): number {
  return StartMs + fileMs + cutMs(Gaps.filter((gap) => gap.FileMs + gap.FilledMs <= fileMs))
}

/** The moment of the file, milliseconds from its beginning, for one of the room; undefined where a gap was cut out. */
export function fileMsOf ({ StartMs, Gaps }: Pick<File, 'StartMs' | 'Gaps'>, roomMs: number): number | undefined {
  if (Gaps.some((gap) => gap.FilledMs === 0 && gap.StartMs <= roomMs && roomMs < gap.EndMs)) return undefined
  return roomMs - StartMs - cutMs(Gaps.filter(({ EndMs }) => EndMs <= roomMs))
}

function cutMs (gaps: Gap[]): number {
  return gaps.reduce((sum, { StartMs, EndMs, FilledMs }) => sum + EndMs - StartMs - FilledMs, 0)
}

const includes = (roomMs: number) => ({ StartMs, EndMs }: Span): boolean => StartMs <= roomMs && (EndMs === null || roomMs < EndMs)

/** One line for each user. */
export function whoIsHeard ({ Users }: Timeline, roomMs: number): string[] {
  const now = includes(roomMs)
  return Users.map(({ UserId, Present, Mutes, Tracks, Gaps }) => {
    const file = Tracks.flatMap(({ Files }) => Files).find(now)
    const gap = (file?.Gaps ?? Gaps).find(now)
    if (gap !== undefined) return `${UserId}: ${gap.Cause}`
    if (file !== undefined) return `${UserId}: ${file.Key} at ${((fileMsOf(file, roomMs) ?? 0) / 1000).toFixed(3)} s`
    if (!Present.some(now)) return `${UserId}: not in the room`
    return `${UserId}: ${Mutes.some(now) ? 'muted' : 'not recorded'}`
  })
}

if (import.meta.main) {
  const [path, time = ''] = process.argv.slice(2)
  const roomMs = Date.parse(time)
  if (path === undefined || Number.isNaN(roomMs)) {
    console.error('usage: node examples/timeline.ts timeline.json 2026-01-01T10:00:30Z')
    process.exit(2)
  }
  for (const line of whoIsHeard(JSON.parse(readFileSync(path, 'utf8')) as Timeline, roomMs)) console.log(line)
}
