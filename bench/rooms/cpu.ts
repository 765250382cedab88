import { readdir, readFile } from 'node:fs/promises'
import { childrenOf } from '../capture/usage.ts'

/** The unit of CPU time in /proc. */
const ticksPerSecond = 100

interface Stat { name: string, parentPid: number, cpuSeconds: number, endedChildrenSeconds: number }

export interface GatewayCpu { mainSeconds: number, captureSeconds: number, otherSeconds: number }

/**
 * CPU time of a gateway's threads, user and system, by the names that Linux has of them: Node gives a worker thread its `name`, and the main
 * thread is the one with the process's id. The rest are V8's and libuv's own, which serve all of them.
 */
export async function gatewayCpu (pid: number): Promise<GatewayCpu> {
  const cpu = { mainSeconds: 0, captureSeconds: 0, otherSeconds: 0 }
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const stat = await readStat(`/proc/${pid}/task/${thread}/stat`)
    if (thread === String(pid)) cpu.mainSeconds += stat.cpuSeconds
    else if (stat.name.startsWith('capture-')) cpu.captureSeconds += stat.cpuSeconds
    else cpu.otherSeconds += stat.cpuSeconds
  }
  return cpu
}

/** CPU time of a process, of those it has started, and of those that have ended. */
export async function treeCpuSeconds (pid: number): Promise<number> {
  const [root, ...children] = await Promise.all([pid, ...await childrenOf(pid)].map((each) => readStat(`/proc/${each}/stat`).catch(() => undefined)))
  return (root?.endedChildrenSeconds ?? 0) + [root, ...children].reduce((sum, stat) => sum + (stat?.cpuSeconds ?? 0), 0)
}

export async function parentOf (pid: number): Promise<number> { return (await readStat(`/proc/${pid}/stat`)).parentPid }

async function readStat (path: string): Promise<Stat> {
  const text = await readFile(path, 'utf8')
  // The second field is the name in brackets, which may hold anything
  const end = text.lastIndexOf(')')
  const fields = text.slice(end + 2).split(' ').map(Number)
  const [, parentPid = 0] = fields
  const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(11)
  return {
    name: text.slice(text.indexOf('(') + 1, end),
    parentPid,
    cpuSeconds: (user + system) / ticksPerSecond,
    endedChildrenSeconds: (childrenUser + childrenSystem) / ticksPerSecond
  }
}
