import { readFile } from 'node:fs/promises'

/** The unit of CPU time in /proc, whatever Linux counts in itself. */
const ticksPerSecond = 100

export interface Usage { cpuSeconds: number, rssBytes: number }

/** CPU time (user and system) and resident memory of processes together. Only Linux has it. */
export async function usageOf (pids: readonly number[]): Promise<Usage> {
  const usages = await Promise.all(pids.map(async (pid) => {
    const [stat, status] = await Promise.all([readFile(`/proc/${pid}/stat`, 'utf8'), readFile(`/proc/${pid}/status`, 'utf8')])
    // The second field is the name in brackets, which may hold anything; times are the 14th and 15th
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond, rssBytes: Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024 }
  }))
  const sum = (of: (usage: Usage) => number): number => usages.reduce((total, usage) => total + of(usage), 0)
  return { cpuSeconds: sum(({ cpuSeconds }) => cpuSeconds), rssBytes: sum(({ rssBytes }) => rssBytes) }
}

/** CPU time of everything on this machine. */
export async function machineCpuSeconds (): Promise<number> {
  const [line = ''] = (await readFile('/proc/stat', 'utf8')).split('\n', 1)
  const [, user = 0, nice = 0, system = 0, , , interrupts = 0, softInterrupts = 0] = line.split(/\s+/).map(Number)
  return (user + nice + system + interrupts + softInterrupts) / ticksPerSecond
}

export async function childrenOf (pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return text.split(' ').filter(Boolean).map(Number)
}
