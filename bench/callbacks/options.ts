import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { databasesOf, type DatabaseName } from '../rooms/options.ts'
import { wholeNumber } from '../whole-number.ts'

export const help = `How fast callbacks are sent, and what that costs: a backlog that drains while new events come, new events alone, and nothing at all.
The sender is a process of its own, with the database; the receivers are another, on an address for each endpoint.

  npm run bench -- callbacks [OPTIONS]

  --database D     embedded, postgres or both (default both)
  --endpoints E    so many, or several numbers E[:HANGING][,…]: how many of them never answer (default 20,3000:100)
  --answer-ms N    how long receivers take, or several numbers (default 0,50)
  --backlog N      deliveries that wait at first (default 6000)
  --new N          events that come in a second (default 50)
  --seconds S      how long events come after the backlog, and how long nothing is due (default 5)
  --rounds R       so many rounds of each (default 1)
  --dir DIR        the embedded database lies below DIR (default ${tmpdir()}); removed afterwards
  --profile DIR    writes CPU profiles of the sender to DIR
  --json FILE      writes everything measured to FILE
`

/** Endpoints, of which the first so many never answer. */
export interface Audience { endpoints: number, hanging: number }

export interface CallbacksOptions {
  help: boolean
  databases: readonly DatabaseName[]
  audiences: Audience[]
  answerMs: number[]
  backlog: number
  perSecond: number
  seconds: number
  rounds: number
  directory: string
  profile: string | undefined
  json: string | undefined
}

/** @throws Error that names the option */
export function parseOptions (args: string[]): CallbacksOptions {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      database: { type: 'string', default: 'both' },
      endpoints: { type: 'string', default: '20,3000:100' },
      'answer-ms': { type: 'string', default: '0,50' },
      backlog: { type: 'string', default: '6000' },
      new: { type: 'string', default: '50' },
      seconds: { type: 'string', default: '5' },
      rounds: { type: 'string', default: '1' },
      dir: { type: 'string', default: tmpdir() },
      profile: { type: 'string' },
      json: { type: 'string' }
    }
  })
  return {
    help: values.help,
    databases: databasesOf(values.database),
    audiences: values.endpoints.split(',').map(audienceOf),
    answerMs: values['answer-ms'].split(',').map((text) => text === '0' ? 0 : wholeNumber('--answer-ms', text, 10_000)),
    backlog: wholeNumber('--backlog', values.backlog, 1_000_000),
    perSecond: wholeNumber('--new', values.new, 10_000),
    seconds: wholeNumber('--seconds', values.seconds, 600),
    rounds: wholeNumber('--rounds', values.rounds, 100),
    directory: values.dir,
    profile: values.profile,
    json: values.json
  }
}

function audienceOf (text: string): Audience {
  const [endpoints = '', hanging = '0'] = text.split(':')
  return { endpoints: wholeNumber('--endpoints', endpoints, 50_000), hanging: hanging === '0' ? 0 : wholeNumber('--endpoints', hanging, Number(endpoints) - 1) }
}
