import { cwd } from 'node:process'
import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { wholeNumber } from '../whole-number.ts'

/** How long publishers talk before anything is measured: code gets compiled, buffers reach their number. */
export const warmUpSeconds = 5

export const help = `What recording N relay tracks costs: N publishers push AAC by RTMP as TRTC's relay does, each frame is looked for in the files afterwards.

  npm run bench -- capture [OPTIONS]

  --tracks N[,N…]  tracks at the same time (default 200); several numbers are measured one after the other
  --seconds S      measured time, after ${warmUpSeconds} s of warming up (default 20)
  --rounds R       the median of so many rounds (default 1)
  --threads T      capture threads, and workers of nginx (default 2)
  --segment-seconds S
                   has Roomtape cut its tracks into segments too, and store them in a folder
  --no-peers       only Roomtape; else its peers record the same streams in turn with it, those that are installed: nginx-rtmp,
                   node-media-server, and up to 100 tracks an ffmpeg for each
  --node-media-server DIR
                   where it was installed, the folder above its node_modules (default: the current one)
  --dir DIR        records below DIR (default ${tmpdir()}); removed afterwards
  --json FILE      writes everything measured to FILE
  --profile DIR    has V8 write CPU profiles of Roomtape's threads to DIR (slows it down)
`

export interface CaptureOptions {
  help: boolean
  tracks: number[]
  seconds: number
  rounds: number
  threads: number
  segmentSeconds: number | undefined
  peers: boolean
  nodeMediaServer: string
  directory: string
  json: string | undefined
  profile: string | undefined
}

/** @throws Error that names the option */
export function parseOptions (args: string[]): CaptureOptions {
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      tracks: { type: 'string', default: '200' },
      seconds: { type: 'string', default: '20' },
      rounds: { type: 'string', default: '1' },
      threads: { type: 'string', default: '2' },
      'segment-seconds': { type: 'string' },
      peers: { type: 'boolean', default: true },
      'node-media-server': { type: 'string', default: cwd() },
      dir: { type: 'string', default: tmpdir() },
      json: { type: 'string' },
      profile: { type: 'string' }
    }
  })
  return {
    help: values.help,
    tracks: values.tracks.split(',').map((text) => wholeNumber('--tracks', text, 10_000)),
    seconds: wholeNumber('--seconds', values.seconds, 3_600),
    rounds: wholeNumber('--rounds', values.rounds, 100),
    threads: wholeNumber('--threads', values.threads, 64),
    segmentSeconds: values['segment-seconds'] === undefined ? undefined : wholeNumber('--segment-seconds', values['segment-seconds'], 600),
    peers: values.peers,
    nodeMediaServer: values['node-media-server'],
    directory: values.dir,
    json: values.json,
    profile: values.profile
  }
}
