import { punctualMs } from '../capture/round.ts'
import type { Phase } from './meter.ts'
import type { Quantiles } from './quantiles.ts'
import type { RoomsRound } from './round.ts'

const ms = (value: number): string => Number.isNaN(value) ? '-' : value.toFixed(0)
const few = ({ p50, p95, max }: Quantiles): string => [p50, p95, max].map(ms).join(' ')
const phases = (of: (phase: Phase) => number | undefined, digits: number) => ({ begin, talk, end }: RoomsRound): string =>
  [begin, talk, end].map((phase) => of(phase)?.toFixed(digits) ?? '-').join(' ')

/** A figure of a round. */
export type Line<Round> = readonly [title: string, cell: (round: Round) => string]

const lines: ReadonlyArray<Line<RoomsRound>> = [
  ['database', ({ database }) => database],
  ['counts', ({ lateMaxMs }) => lateMaxMs > punctualMs ? 'no: late' : 'yes'],
  ['rooms, anchors in each', ({ rooms, anchors }) => `${rooms} ${anchors}`],
  ['start answered, ms', ({ beginMs }) => few(beginMs)],
  ['event answered, ms, p50 p95 p99', ({ eventMs: { p50, p95, p99 } }) => [p50, p95, p99].map(ms).join(' ')],
  ['dismissal answered, ms', ({ dismissalMs }) => few(dismissalMs)],
  ['203 to first frame, ms', ({ firstFrameMs }) => few(firstFrameMs)],
  ['last frame to written, ms', ({ writtenMs }) => few(writtenMs)],
  ['earliest end to written, ms', ({ overdueMs }) => few(overdueMs)],
  ['last frame to received, ms', ({ receivedMs }) => few(receivedMs)],
  ['segments told of', ({ segments }) => String(segments)],
  ['segment\'s end to written, ms', ({ segmentWrittenMs }) => few(segmentWrittenMs)],
  ['segment\'s end to received, ms', ({ segmentReceivedMs }) => few(segmentReceivedMs)],
  ['rooms not done', ({ unfinished }) => String(unfinished)],
  ['seconds', phases(({ seconds }) => seconds, 1)],
  ['main thread, cores', phases(({ mainCores }) => mainCores, 2)],
  ['capture threads, cores', phases(({ captureCores }) => captureCores, 2)],
  ['its other threads, cores', phases(({ otherThreadsCores }) => otherThreadsCores, 2)],
  ['PostgreSQL, cores', phases(({ postgresCores }) => postgresCores, 2)],
  ['TRTC and tenant, cores', phases(({ doublesCores }) => doublesCores, 2)],
  ['others, cores', phases(({ othersCores }) => othersCores, 2)],
  ['statements/s', phases(({ statements, seconds }) => statements === undefined ? undefined : statements / seconds, 0)],
  ['events tried again', ({ failedEventAttempts }) => String(failedEventAttempts)],
  ['Cloud API, over the limit', ({ refusedCalls }) => String(refusedCalls)],
  ['frames sent', ({ framesSent }) => String(framesSent)],
  ['frames cut off by Stop', ({ framesCut }) => String(framesCut)],
  ['sent and in no file, max ms', ({ shortMaxMs }) => ms(shortMaxMs)],
  ['warnings in the log', ({ warnings }) => String(Object.values(warnings).reduce((sum, count) => sum + count, 0))],
  ['late p99, max ms', ({ lateP99Ms, lateMaxMs }) => `${lateP99Ms.toFixed(1)} ${ms(lateMaxMs)}`]
]

export const legend = 'Three times are p50 p95 max. Three figures of a part of the round are for: rooms begin, all talk, all end.\nThe embedded database counts no statements.\n'

const gap = 2

export function render (rounds: readonly RoomsRound[], width: number): string { return columnsOf(lines, rounds, width) }

/** A line for each figure and a column for each round, as many columns beside each other as fit. */
export function columnsOf<Round> (lines: ReadonlyArray<Line<Round>>, rounds: readonly Round[], width: number): string {
  const titleWidth = Math.max(...lines.map(([title]) => title.length))
  const blocks: string[] = []
  for (let first = 0; first < rounds.length;) {
    const columns: { cells: string[], width: number }[] = []
    let used = titleWidth
    for (; first < rounds.length; first++) {
      const round = rounds[first]
      if (round === undefined) break
      const cells = lines.map(([, cell]) => cell(round))
      const column = { cells, width: Math.max(...cells.map((cell) => cell.length)) }
      used += gap + column.width
      if (columns.length > 0 && used > width) break
      columns.push(column)
    }
    blocks.push(lines.map(([title], line) => [title.padEnd(titleWidth), ...columns.map(({ cells, width }) => (cells[line] ?? '').padStart(width))].join(' '.repeat(gap))).join('\n'))
  }
  return `${blocks.join('\n\n')}\n`
}
