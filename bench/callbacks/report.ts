import { columnsOf, type Line } from '../rooms/report.ts'
import type { CallbacksRound } from './round.ts'

const ms = (value: number): string => Number.isNaN(value) ? '-' : value.toFixed(value < 10 ? 1 : 0)
const optional = (value: number | undefined, digits: number): string => value?.toFixed(digits) ?? '-'

const lines: ReadonlyArray<Line<CallbacksRound>> = [
  ['database', ({ database }) => database],
  ['endpoints, of which hang', ({ endpoints, hanging }) => `${endpoints} ${hanging}`],
  ['answered after, ms', ({ answerMs }) => String(answerMs)],
  ['drained/s', ({ drainedPerSecond }) => drainedPerSecond.toFixed(0)],
  ['plain POSTs/s', ({ plainPerSecond }) => plainPerSecond.toFixed(0)],
  ['ratio', ({ drainedPerSecond, plainPerSecond }) => (drainedPerSecond / plainPerSecond).toFixed(2)],
  ['backlog drained', ({ isDrained }) => isDrained ? 'yes' : 'no'],
  ['statements/delivery, backlog', ({ drain }) => optional(drain.statements && drain.statements / drain.events, 2)],
  ['statements/event, new ones', ({ pace }) => optional(pace.statements && pace.statements / pace.events, 1)],
  ['event to delivered p50 p99 max, ms', ({ paced: { latencyMs: { p50, p99, max } } }) => [p50, p99, max].map(ms).join(' ')],
  ['another\'s statement p50 p99 max, ms', ({ others: { statementMs: { p50, p99, max } } }) => [p50, p99, max].map(ms).join(' ')],
  ['event loop late p99 max, ms', ({ others: { loopP99Ms, loopMaxMs } }) => [loopP99Ms, loopMaxMs].map(ms).join(' ')],
  ['sender, cores: backlog, new, idle', ({ drain, pace, idle }) => [drain, pace, idle].map(({ nodeCores }) => nodeCores.toFixed(3)).join(' ')],
  ['PostgreSQL, cores: backlog, new, idle', ({ drain, pace, idle }) => [drain, pace, idle].map(({ postgresCores }) => optional(postgresCores, 3)).join(' ')],
  ['machine, cores: backlog, new, idle', ({ drain, pace, idle }) => [drain, pace, idle].map(({ machineCores }) => machineCores.toFixed(1)).join(' ')],
  ['statements/s, idle', ({ idle }) => optional(idle.statements && idle.statements / idle.seconds, 1)]
]

export const legend = 'Ratio: of what a plain loop of signed POSTs without a database does. Idle: every endpoint has a delivery that waits for an hour.\n'

export function render (rounds: readonly CallbacksRound[], width: number): string { return columnsOf(lines, rounds, width) }
