import { readFile } from 'node:fs/promises'

/** Open files of a process for each track: a socket and a file. */
const perTrack = 2
/** Open files that a program has besides. */
const besides = 200

/** Programs started from here inherit the limit. @throws Error when it is too low for the tracks */
export async function checkOpenFiles (tracks: number): Promise<void> {
  const [, soft = ''] = /^Max open files +(\S+)/m.exec(await readFile('/proc/self/limits', 'utf8')) ?? []
  const needed = perTrack * tracks + besides
  if (soft !== 'unlimited' && Number(soft) < needed) {
    throw new Error(`${tracks} tracks need ${needed} open files in one process, and ${soft} are allowed: raise it first, ulimit -n ${needed}`)
  }
}
