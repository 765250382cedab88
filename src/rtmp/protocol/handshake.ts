import { createHmac, randomFillSync, timingSafeEqual } from 'node:crypto'
import { RoomtapeError } from '../../core/errors.ts'

/** Length of C1, C2, S1 and S2. C0 and S0 are one byte before C1 and S1. */
export const handshakeBytes = 1536

const openingBytes = 1 + handshakeBytes
const digestBytes = 32
const version = 3
const firstTextByte = 32

// Keys that every Flash program carries. They authenticate nobody; some encoders refuse a server that does not know them.
const secret = Buffer.from('f0eec24a8068bee82e00d0d1029e7e576eec5d2d29806fab93b8e636cfeb31ae', 'hex')
const playerName = Buffer.from('Genuine Adobe Flash Player 001')
const serverName = Buffer.from('Genuine Adobe Flash Media Server 001')
const serverKey = Buffer.concat([serverName, secret])
const serverVersion = 0x04050001

/** The server's side of a handshake: takes C0, C1 and C2 as they come. */
export class Handshake {
  readonly #answer: (s0s1s2: Buffer) => void
  /** C0 and C1, until they are answered. */
  #opening: Buffer | undefined = Buffer.alloc(openingBytes)
  /** Bytes that have not come yet. Nobody looks into those of C2. */
  #left = openingBytes + handshakeBytes

  constructor (answer: (s0s1s2: Buffer) => void) {
    this.#answer = answer
  }

  get isDone (): boolean { return this.#left === 0 }

  /** Takes its share of the first `length` of `bytes`. @returns where the chunks begin. @throws RoomtapeError VALIDATION for what begins as a text */
  push (bytes: Buffer, length: number): number {
    let at = 0
    if (this.#opening !== undefined) {
      const have = openingBytes + handshakeBytes - this.#left
      if (have === 0 && bytes.readUInt8(0) >= firstTextByte) throw new RoomtapeError('VALIDATION', 'the first byte is a text\'s, not an RTMP version')
      at = bytes.copy(this.#opening, have, 0, length)
      if (have + at === openingBytes) {
        this.#answer(answerHandshake(this.#opening))
        this.#opening = undefined
      }
    }
    const second = this.#opening === undefined ? Math.min(length - at, this.#left - at) : 0
    this.#left -= at + second
    return at + second
  }
}

/**
 * S0, S1 and S2 in answer to C0 and C1: with digests if the client sent a right one, else the plain echo.
 * @see Adobe, RTMP 1.0, 5.2; the digest form is only known from implementations (nginx-rtmp, librtmp, FFmpeg)
 */
export function answerHandshake (c0c1: Uint8Array): Buffer {
  const c1 = c0c1.subarray(1, 1 + handshakeBytes)
  const answer = Buffer.alloc(1 + 2 * handshakeBytes)
  answer[0] = version // also for those who asked for another one: this is what we speak
  const s1 = answer.subarray(1, 1 + handshakeBytes)
  const s2 = answer.subarray(1 + handshakeBytes)
  randomFillSync(s1, 8)

  const place = isPlain(c1) ? undefined : digestPlaces.find((base) => holdsDigest(c1, base))
  if (place === undefined) {
    s2.set(c1)
    return answer
  }
  s1.writeUInt32BE(serverVersion, 4)
  const at = digestAt(s1, place)
  s1.set(digestAround(s1, at, serverName), at)

  const clientAt = digestAt(c1, place)
  const key = createHmac('sha256', serverKey).update(c1.subarray(clientAt, clientAt + digestBytes)).digest()
  randomFillSync(s2, 0, handshakeBytes - digestBytes)
  s2.set(createHmac('sha256', key).update(s2.subarray(0, handshakeBytes - digestBytes)).digest(), handshakeBytes - digestBytes)
  return answer
}

/** The two places where four bytes say how far behind them the digest lies. */
const digestPlaces = [772, 8] as const

function isPlain (c1: Uint8Array): boolean {
  return c1[4] === 0 && c1[5] === 0 && c1[6] === 0 && c1[7] === 0
}

function digestAt (block: Uint8Array, place: number): number {
  let sum = 0
  for (let index = place; index < place + 4; index++) sum += block[index] ?? 0
  return sum % 728 + place + 4
}

function digestAround (block: Uint8Array, at: number, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(block.subarray(0, at)).update(block.subarray(at + digestBytes)).digest()
}

function holdsDigest (c1: Uint8Array, place: number): boolean {
  const at = digestAt(c1, place)
  return timingSafeEqual(digestAround(c1, at, playerName), c1.subarray(at, at + digestBytes))
}
