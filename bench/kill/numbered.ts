/**
 * A frame that is real audio and still says which one it is: the number stands in an AAC data stream element before the audio, which decoders
 * skip (ISO 14496-3, 4.5.2.4). Two bytes of head: identity 4, tag 0, aligned, and the count.
 */
export const frameHead = Buffer.of(0x81, 4)

export function numbered (frame: Uint8Array, number: number): Buffer {
  const digits = Buffer.alloc(4)
  digits.writeUInt32BE(number)
  return Buffer.concat([frameHead, digits, frame])
}

/** Undefined for a frame that no publisher sent: silence. */
export function numberOf (frame: Buffer): number | undefined {
  return frame.subarray(0, frameHead.length).equals(frameHead) ? frame.readUInt32BE(frameHead.length) : undefined
}
