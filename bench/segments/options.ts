import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { wholeNumber } from '../whole-number.ts'

export const help = `Whether the segments of tracks are the tracks: an hour in virtual time, real files, real segments in a folder, compared frame by frame.

  npm run bench -- segments [OPTIONS]

  --tracks N       tracks (default 100)
  --minutes M      of talk, with a mute and a reconnect every few minutes (default 60)
  --seconds S      length of a segment (default 2)
  --decoded D      so many of the tracks are also decoded and compared sample by sample, by FFmpeg (default 2)
  --dir DIR        writes below DIR (default ${tmpdir()}); removed afterwards
`

export interface SegmentsOptions { help: boolean, tracks: number, minutes: number, seconds: number, decoded: number, directory: string }

/** @throws Error that names the option */
export function parseOptions (args: string[]): SegmentsOptions {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      tracks: { type: 'string', default: '100' },
      minutes: { type: 'string', default: '60' },
      seconds: { type: 'string', default: '2' },
      decoded: { type: 'string', default: '2' },
      dir: { type: 'string', default: tmpdir() }
    }
  })
  return {
    help: values.help,
    tracks: wholeNumber('--tracks', values.tracks, 10_000),
    minutes: wholeNumber('--minutes', values.minutes, 1_440),
    seconds: wholeNumber('--seconds', values.seconds, 600),
    decoded: values.decoded === '0' ? 0 : wholeNumber('--decoded', values.decoded, 100),
    directory: values.dir
  }
}
