import { readFile } from 'node:fs/promises'

/** A socket and a file for each track, in one process. */
const perTrack = 2
/** What a program has open besides. */
const besides = 200

/** Programs started from here inherit the limit. @throws Error when so many tracks cannot be had under it */
export async function checkOpenFiles (tracks: number): Promise<void> {
  const [, soft = ''] = /^Max open files +(\S+)/m.exec(await readFile('/proc/self/limits', 'utf8')) ?? []
  const needed = perTrack * tracks + besides
  if (soft !== 'unlimited' && Number(soft) < needed) {
    throw new Error(`${tracks} tracks need ${needed} open files in one process, and ${soft} are allowed: raise it first, ulimit -n ${needed}`)
  }
}
