import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { wholeNumber } from '../whole-number.ts'

const databaseNames = ['embedded', 'postgres'] as const
export type DatabaseName = typeof databaseNames[number]

export const help = `What many rooms at once ask of the whole gateway, and how long their ends take: rooms begin one after another, talk, and are all
dismissed in the same moment. The gateway is a process of its own; TRTC, the bucket and the tenant are others.

  npm run bench -- rooms [OPTIONS]

  --rooms N[,N…]   rooms at the same time (default 100); several numbers are measured one after the other
  --anchors N      who talks in each room (default 1)
  --database D     embedded, postgres or both (default both)
  --rounds R       so many rounds of each (default 1)
  --seconds S      how long they talk when all have begun (default 20)
  --begin N        rooms that begin in a second (default 20)
  --late-ms N      how much later a relay sends what its anchor says, at the beginning and after the end (default 0)
  --segment-seconds N  cuts tracks into segments of that length, each told of by a callback (default: not cut)
  --store S        cos or folder: where files go (default cos)
  --dir DIR        records below DIR (default ${tmpdir()}); removed afterwards
  --json FILE      writes everything measured to FILE
`

export interface RoomsOptions {
  help: boolean
  rooms: number[]
  anchors: number
  databases: readonly DatabaseName[]
  rounds: number
  seconds: number
  beginsPerSecond: number
  lateMs: number
  /** 0: tracks are not cut. */
  segmentSeconds: number
  store: 'cos' | 'folder'
  directory: string
  json: string | undefined
}

/** @throws Error that names the option */
export function parseOptions (args: string[]): RoomsOptions {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      rooms: { type: 'string', default: '100' },
      anchors: { type: 'string', default: '1' },
      database: { type: 'string', default: 'both' },
      rounds: { type: 'string', default: '1' },
      seconds: { type: 'string', default: '20' },
      begin: { type: 'string', default: '20' },
      'late-ms': { type: 'string', default: '0' },
      'segment-seconds': { type: 'string', default: '0' },
      store: { type: 'string', default: 'cos' },
      dir: { type: 'string', default: tmpdir() },
      json: { type: 'string' }
    }
  })
  return {
    help: values.help,
    rooms: values.rooms.split(',').map((text) => wholeNumber('--rooms', text, 5_000)),
    anchors: wholeNumber('--anchors', values.anchors, 50),
    databases: databasesOf(values.database),
    rounds: wholeNumber('--rounds', values.rounds, 100),
    seconds: wholeNumber('--seconds', values.seconds, 3_600),
    beginsPerSecond: wholeNumber('--begin', values.begin, 1_000),
    lateMs: values['late-ms'] === '0' ? 0 : wholeNumber('--late-ms', values['late-ms'], 60_000),
    segmentSeconds: values['segment-seconds'] === '0' ? 0 : wholeNumber('--segment-seconds', values['segment-seconds'], 600),
    store: storeOf(values.store),
    directory: values.dir,
    json: values.json
  }
}

function storeOf (text: string): RoomsOptions['store'] {
  if (text !== 'cos' && text !== 'folder') throw new Error(`--store takes cos or folder, not '${text}'`)
  return text
}

export function databasesOf (text: string): readonly DatabaseName[] {
  if (text === 'both') return databaseNames
  const named = databaseNames.filter((name) => name === text)
  if (named.length === 0) throw new Error(`--database takes ${databaseNames.join(', ')} or both, not '${text}'`)
  return named
}
