import { basename } from 'node:path'
import type { DemoFile } from './record.ts'

interface Column { title: string, right?: boolean, of: (file: DemoFile) => string }

/** Columns of the table of files. With the demo's files a line is 59 characters long, which fits on a narrow terminal. */
const columns: Column[] = [
  { title: 'who', of: ({ UserId }) => UserId },
  { title: 'file', of: ({ File }) => basename(File) },
  { title: 'length', right: true, of: ({ DurationMs }) => seconds(DurationMs) },
  { title: 'bytes', right: true, of: ({ Bytes }) => String(Bytes) },
  { title: 'sha256', of: ({ Sha256 }) => Sha256.slice(0, 8) },
  { title: 'gaps', right: true, of: ({ GapMs }) => GapMs === 0 ? '-' : seconds(GapMs) },
  { title: 'callback', of: ({ CallbackVerified }) => CallbackVerified ? 'verified' : 'wrong' }
]

/** The lines of a table of the files, its head first. */
export function tableOf (files: readonly DemoFile[]): string[] {
  const rows = [columns.map(({ title }) => title), ...files.map((file) => columns.map(({ of }) => of(file)))]
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)))
  return rows.map((row) => row.map((cell, index) => {
    const width = widths[index] ?? 0
    return columns[index]?.right === true ? cell.padStart(width) : cell.padEnd(width)
  }).join('  ').trimEnd())
}

function seconds (ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
