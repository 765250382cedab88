import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The files in a gateway's spool by their journals, each with whether it was finished. */
export async function spooled (dataDir: string): Promise<Array<{ trackId: string, closed: boolean }>> {
  const names = (await readdir(join(dataDir, 'spool'), { recursive: true })).filter((name) => name.endsWith('.ndjson'))
  return Promise.all(names.map(async (name) => {
    const lines = (await readFile(join(dataDir, 'spool', name), 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as { type?: string, trackId?: string })
    return { trackId: lines[0]!.trackId!, closed: lines.some(({ type }) => type === 'closed') }
  }))
}
