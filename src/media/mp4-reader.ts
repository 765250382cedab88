import { RoomtapeError } from '../core/errors.ts'
import { parseAudioSpecificConfig } from './aac.ts'
import type { AudioConfig } from './audio-config.ts'
import { fragmentLayout, layoutOf, type FragmentLayout } from './fragment-layout.ts'
import { durationBytes, mehdDurationFromEnd } from './mp4-writer.ts'

/** Up to `length` bytes from `offset`; fewer only where the file ends. */
export type ReadAt = (offset: number, length: number) => Promise<Buffer>

/** A fragment of a file. */
interface Fragment {
  firstFrame: number
  frames: number
  /** Where it begins, and how long it is. */
  offset: number
  bytes: number
  /** How much of that are frames. */
  payloadBytes: number
  /** Whether the writer began a segment with it. */
  startsSegment: boolean
}

type FragmentHead = Pick<Fragment, 'frames' | 'bytes' | 'payloadBytes' | 'startsSegment'> & { sequence: number, decodeTime: number, layout: FragmentLayout }

interface Mp4Scan {
  config: AudioConfig
  /** Where the last whole fragment ends: what follows was being written when the power went. */
  wholeBytes: number
  fragments: number
  frames: number
  /** The length of the whole fragments, to be put into the header. */
  durationPatch: { offset: number, bytes: Uint8Array }
}

/** More frames than a second of any AAC has. */
const maxFragmentFrames = 128
/** Our header is some 600 bytes. */
const maxHeaderBytes = 4096
/** From the type of `esds` to the length of the AudioSpecificConfig; the writer gives every descriptor the same lengths. */
const esdsToConfigLength = 38

/**
 * Reads a file of `Mp4Writer` that may end anywhere, and finds how far it is whole. Reads heads only, one read per fragment.
 * Undefined when not even the header is whole; other people's MP4 files give undefined too.
 * @param visit is given each whole fragment, in order
 */
export async function scanMp4 (read: ReadAt, visit?: (fragment: Fragment) => void): Promise<Mp4Scan | undefined> {
  const header = await readMp4Header(read)
  if (header === undefined) return undefined

  let offset = header.bytes
  let fragments = 0
  let frames = 0
  for (;;) {
    const fragment = await wholeFragment(read, offset, { sequence: fragments + 1, decodeTime: frames * header.config.frameSamples })
    if (fragment === undefined) break
    const { bytes, payloadBytes, startsSegment } = fragment
    visit?.({ firstFrame: frames, frames: fragment.frames, offset, bytes, payloadBytes, startsSegment })
    fragments++
    frames += fragment.frames
    offset += bytes
  }
  const durationPatch = { offset: header.bytes - mehdDurationFromEnd, bytes: durationBytes(frames * header.config.frameSamples) }
  return { config: header.config, wholeBytes: offset, fragments, frames, durationPatch }
}

/** Whether such a file has a whole fragment. Looks at the first alone. */
export async function hasFragment (read: ReadAt): Promise<boolean> {
  const header = await readMp4Header(read)
  return header !== undefined && await wholeFragment(read, header.bytes, { sequence: 1, decodeTime: 0 }) !== undefined
}

/** What the file says of itself, and how long that is. */
export async function readMp4Header (read: ReadAt): Promise<{ bytes: number, config: AudioConfig } | undefined> {
  return headerOf(await read(0, maxHeaderBytes))
}

/** The fragments in a run of whole ones. @throws RoomtapeError FILE_UNREADABLE where there is something else */
export function * fragmentsIn (run: Buffer): Generator<Pick<Fragment, 'offset' | 'frames' | 'bytes'> & { layout: FragmentLayout }> {
  for (let offset = 0; offset < run.length;) {
    const fragment = fragmentOf(run.subarray(offset))
    if (fragment === undefined || offset + fragment.bytes > run.length) {
      throw new RoomtapeError('FILE_UNREADABLE', `no whole fragment at byte ${offset} of a run of ${run.length}`)
    }
    yield { offset, frames: fragment.frames, bytes: fragment.bytes, layout: fragment.layout }
    offset += fragment.bytes
  }
}

/** The fragment at that place; undefined when another is expected there, or its last byte is missing. */
async function wholeFragment (
  read: ReadAt, offset: number, expected: Pick<FragmentHead, 'sequence' | 'decodeTime'>
): Promise<FragmentHead | undefined> {
  const fragment = fragmentOf(await read(offset, fragmentLayout.headBytes(maxFragmentFrames)))
  if (fragment?.sequence !== expected.sequence || fragment.decodeTime !== expected.decodeTime) return undefined
  const last = await read(offset + fragment.bytes - 1, 1)
  return last.length === 0 ? undefined : fragment
}

function headerOf (start: Buffer): { bytes: number, config: AudioConfig } | undefined {
  const ftypBytes = boxBytes(start, 0, 'ftyp')
  const moovBytes = boxBytes(start, ftypBytes, 'moov')
  const bytes = ftypBytes + moovBytes
  if (moovBytes === 0 || bytes > start.length) return undefined
  const header = start.subarray(0, bytes)
  const esds = header.indexOf('esds', ftypBytes, 'latin1')
  if (esds < 0 || boxBytes(header, bytes - mehdDurationFromEnd - 12, 'mehd') === 0) return undefined
  const configStart = esds + esdsToConfigLength + 1
  try {
    return { bytes, config: parseAudioSpecificConfig(header.subarray(configStart, configStart + (header[configStart - 1] ?? 0))) }
  } catch (error) {
    if (error instanceof RoomtapeError) return undefined
    throw error
  }
}

function fragmentOf (head: Buffer): FragmentHead | undefined {
  const moofBytes = boxBytes(head, 0, 'moof')
  const layout = layoutOf(head)
  if (layout === undefined || moofBytes < layout.sizes || head.length < layout.sizes) return undefined
  const frames = head.readUInt32BE(layout.frameCount)
  const headBytes = layout.headBytes(frames)
  if (frames === 0 || frames > maxFragmentFrames || moofBytes !== headBytes - 8 || head.length < headBytes) return undefined
  let payloadBytes = 0
  for (let i = 0; i < frames; i++) payloadBytes += head.readUInt32BE(layout.sizes + i * 4)
  if (boxBytes(head, moofBytes, 'mdat') !== 8 + payloadBytes) return undefined
  const decodeTime = head.readUInt32BE(layout.decodeTime) * 2 ** 32 + head.readUInt32BE(layout.decodeTime + 4)
  const startsSegment = head[layout.startsSegment] === 1
  return { sequence: head.readUInt32BE(layout.sequence), decodeTime, frames, bytes: headBytes + payloadBytes, payloadBytes, startsSegment, layout }
}

/** The length of the box of that type at that place; 0 when there is none. */
function boxBytes (bytes: Buffer, offset: number, type: string): number {
  if (offset < 0 || offset + 8 > bytes.length || bytes.toString('latin1', offset + 4, offset + 8) !== type) return 0
  return bytes.readUInt32BE(offset)
}
