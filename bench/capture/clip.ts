/** Length of an AAC frame: 1024 samples at 48 kHz. */
export const frameMs = 64 / 3

/** Frames of the clip: a multiple of three, so that the steps of 21, 21 and 22 ms come out even at its end. */
const clipFrames = 384

/**
 * The clip that every publisher sends again and again: some 74 kbit/s as TRTC's relay does. Each frame begins with its number, so that a file tells which ones
 * it holds, and in which order. Neither we nor our peers decode while recording.
 */
export const clip: readonly Buffer[] = Array.from({ length: clipFrames }, (_, number) => {
  const frame = Buffer.alloc(120 + number * 61 % 155, number)
  frame.writeUInt32BE(number)
  return frame
})

/** Each stream begins elsewhere, so that its neighbour's audio would be noticed. */
export function firstFrameOf (stream: number): number { return stream * 37 % clipFrames }

export function frameAfter (number: number): number { return (number + 1) % clipFrames }

/** AAC-LC, 48 kHz, mono. */
export const clipConfig = Buffer.of(0x11, 0x88)
