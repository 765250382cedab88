import { availableParallelism, cpus, loadavg, release, type } from 'node:os'
import { punctualMs, type Round } from './round.ts'

/** The rounds of each program at one number of tracks, in the order of the table. */
export type Measured = ReadonlyMap<string, readonly Round[]>

/** The program that the others are compared with. */
const yardstick = 'nginx-rtmp'

interface Line { tracks: number, who: string, round: Round, ratio: number | undefined }

export interface Machine { cores: number, model: string, system: string, node: string, loadAverage: number[] }

export function describeMachine (): Machine {
  return {
    cores: availableParallelism(),
    model: cpus()[0]?.model ?? 'unknown',
    system: `${type()} ${release()}`,
    node: process.version,
    loadAverage: loadavg().map((load) => Math.round(load * 100) / 100)
  }
}

/**
 * One line for each program: the middle one of its rounds by CPU, of two the dearer. The ratio is the median of the rounds' own, since rounds next
 * to each other in time saw the same machine; there is none where publishers were late on either side.
 */
export function summarize (measured: Measured): Line[] {
  return [...measured].flatMap(([who, rounds]) => {
    const round = rounds.toSorted((a, b) => a.cpuSecondsPerTrackMinute - b.cpuSecondsPerTrackMinute)[Math.floor(rounds.length / 2)]
    return round === undefined ? [] : [{ tracks: round.tracks, who, round, ratio: median(ratios(rounds, measured.get(yardstick) ?? [])) }]
  })
}

function ratios (rounds: readonly Round[], others: readonly Round[]): number[] {
  return rounds.flatMap((round, index) => {
    const other = others[index]
    const comparable = other !== undefined && Math.max(round.lateMaxMs, other.lateMaxMs) <= punctualMs
    return comparable ? [round.cpuSecondsPerTrackMinute / other.cpuSecondsPerTrackMinute] : []
  })
}

function median (values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]]
  return low === undefined || high === undefined ? undefined : (low + high) / 2
}

const columns: readonly (readonly [title: string, cell: (line: Line) => string])[] = [
  ['tracks', ({ tracks }) => String(tracks)],
  ['recorder', ({ who }) => who],
  ['ratio', ({ ratio }) => ratio === undefined ? '-' : ratio.toFixed(2)],
  ['CPU s/track-min', ({ round }) => round.cpuSecondsPerTrackMinute.toFixed(4)],
  ['cores', ({ round }) => (round.cpuSeconds / round.seconds).toFixed(2)],
  ['RSS MB', ({ round }) => (round.rssBytes / 1e6).toFixed(0)],
  ['kB/track', ({ round }) => ((round.rssBytes - round.idleRssBytes) / round.tracks / 1e3).toFixed(0)],
  ['start ms', ({ round }) => round.startMs.toFixed(0)],
  ['frames sent', ({ round }) => String(round.framesSent)],
  ['lost', ({ round }) => String(round.framesLost)],
  ['wrong', ({ round }) => String(round.framesWrong)],
  ['late p99 ms', ({ round }) => round.lateP99Ms.toFixed(1)],
  ['senders cores', ({ round }) => round.generatorCores.toFixed(2)],
  ['others cores', ({ round }) => round.othersCores.toFixed(2)]
]

/** A table, or where it does not fit a block of lines for each of its rows. */
export function render (lines: readonly Line[], width: number): string {
  const rows = lines.map((line) => columns.map(([, cell]) => cell(line)))
  const widths = columns.map(([title], column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const table = [columns.map(([title]) => title), ...rows].map((row) => row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  ').trimEnd())
  if (Math.max(...table.map((text) => text.length)) <= width) return `${table.join('\n')}\n`
  const titleWidth = Math.max(...columns.map(([title]) => title.length))
  return rows.map((row) => columns.map(([title], column) => `${title.padEnd(titleWidth)}  ${row[column] ?? ''}\n`).join('')).join('\n')
}
