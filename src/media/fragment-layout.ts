const moofToTfhd = 32
const tfdtBytes = 20
const trunHeaderBytes = 20
/** Of mdat, between the head and the first frame. */
export const mdatHeaderBytes = 8

/** Where the members of a fragment's head are: moof{mfhd, traf{tfhd, tfdt, trun}}, then mdat. Offsets from its first byte. */
export interface FragmentLayout {
  /** The lowest flag of mfhd, which readers ignore: 1 where a segment begins. */
  startsSegment: number
  sequence: number
  decodeTime: number
  /** Where trun begins. */
  trun: number
  frameCount: number
  sizes: number
  /** Bytes before the first frame. */
  headBytes: (frames: number) => number
}

/** What `Mp4Writer` writes: tfhd says how long a sample is. trex says so too, but `music-metadata` reads only tfhd. */
export const fragmentLayout = layoutWith({ tfhdBytes: 20 })

/** What version 0.1.0 wrote, whose files may still wait in a spool: in tfhd there is nothing but the track's number. */
const layoutOf010 = layoutWith({ tfhdBytes: 16 })

/** How the fragment is laid out whose head is at the beginning of these bytes; undefined when it is none of ours. */
export function layoutOf (head: Buffer): FragmentLayout | undefined {
  if (head.length < moofToTfhd + 8 || head.toString('latin1', moofToTfhd + 4, moofToTfhd + 8) !== 'tfhd') return undefined
  const tfdt = moofToTfhd + head.readUInt32BE(moofToTfhd)
  return [fragmentLayout, layoutOf010].find(({ decodeTime }) => decodeTime === tfdt + 12)
}

function layoutWith ({ tfhdBytes }: { tfhdBytes: number }): FragmentLayout {
  const trun = moofToTfhd + tfhdBytes + tfdtBytes
  const sizes = trun + trunHeaderBytes
  return {
    startsSegment: 19,
    sequence: 20,
    decodeTime: trun - 8,
    trun,
    frameCount: trun + 12,
    sizes,
    headBytes: (frames) => sizes + 4 * frames + mdatHeaderBytes
  }
}
