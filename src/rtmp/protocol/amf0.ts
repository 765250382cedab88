import { RoomtapeError } from '../../core/errors.ts'

/** A value of a command. Objects have no prototype, so that a stranger's `__proto__` is a name like any other. */
export type Amf0Value = number | boolean | string | null | undefined | Amf0Value[] | Amf0Object
interface Amf0Object { [name: string]: Amf0Value }

/** Levels of nesting. Publishers send three; thousands would cost the stack. */
const maxDepth = 16
/** Values of one command. Publishers send some forty; more would only cost time. */
const maxValues = 1024

const marker = {
  number: 0x00,
  boolean: 0x01,
  string: 0x02,
  object: 0x03,
  null: 0x05,
  undefined: 0x06,
  reference: 0x07,
  ecmaArray: 0x08,
  objectEnd: 0x09,
  strictArray: 0x0a,
  date: 0x0b,
  longString: 0x0c,
  unsupported: 0x0d,
  xml: 0x0f,
  typedObject: 0x10
} as const

/**
 * Reads every value of a command. Nothing is allocated for a length that is only announced.
 * A date becomes its Unix milliseconds, XML its text, a reference `undefined`.
 * @throws RoomtapeError VALIDATION
 * @see Adobe, Action Message Format AMF 0
 */
export function decodeAmf0 (bytes: Uint8Array): Amf0Value[] {
  const reader = new Reader(bytes)
  const values: Amf0Value[] = []
  while (!reader.done) values.push(reader.value(0))
  return values
}

class Reader {
  readonly #bytes: Buffer
  #at = 0
  #values = 0

  constructor (bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get done (): boolean { return this.#at === this.#bytes.length }

  value (depth: number): Amf0Value {
    if (depth > maxDepth) throw malformed(`nested deeper than ${maxDepth}`)
    if (++this.#values > maxValues) throw malformed(`more than ${maxValues} values`)
    const kind = this.#bytes[this.#take(1)]
    switch (kind) {
      case marker.number: return this.#bytes.readDoubleBE(this.#take(8))
      case marker.boolean: return this.#bytes[this.#take(1)] !== 0
      case marker.string: return this.#text(this.#short())
      case marker.object: return this.#object(depth)
      case marker.null: return null
      case marker.undefined:
      case marker.unsupported: return undefined
      case marker.reference: this.#take(2); return undefined
      case marker.ecmaArray: this.#take(4); return this.#object(depth) // its count is a hint only
      case marker.strictArray: return this.#array(depth)
      case marker.date: return this.#bytes.readDoubleBE(this.#take(10)) // and a time zone that must be 0
      case marker.longString:
      case marker.xml: return this.#text(this.#long())
      case marker.typedObject: this.#text(this.#short()); return this.#object(depth)
      default: throw malformed(`unknown marker ${kind ?? 'none'}`)
    }
  }

  #object (depth: number): Amf0Object {
    const object = Object.create(null) as Amf0Object
    for (;;) {
      const name = this.#text(this.#short())
      if (name === '' && this.#bytes[this.#at] === marker.objectEnd) {
        this.#at++
        return object
      }
      object[name] = this.value(depth + 1)
    }
  }

  #array (depth: number): Amf0Value[] {
    const array: Amf0Value[] = []
    for (let left = this.#long(); left > 0; left--) array.push(this.value(depth + 1))
    return array
  }

  #short (): number { return this.#bytes.readUInt16BE(this.#take(2)) }
  #long (): number { return this.#bytes.readUInt32BE(this.#take(4)) }

  #text (length: number): string {
    const start = this.#take(length)
    return this.#bytes.toString('utf8', start, start + length)
  }

  /** Steps over `length` bytes; gives where they start. */
  #take (length: number): number {
    const start = this.#at
    if (length > this.#bytes.length - start) throw malformed('cut off')
    this.#at = start + length
    return start
  }
}

function malformed (what: string): RoomtapeError {
  return new RoomtapeError('VALIDATION', `AMF0 ${what}`)
}

/** The bytes of a command: its values one after the other. */
export function encodeAmf0 (...values: Amf0Value[]): Buffer {
  const parts: Buffer[] = []
  for (const value of values) encode(value, parts)
  return Buffer.concat(parts)
}

function encode (value: Amf0Value, parts: Buffer[]): void {
  if (value === undefined) parts.push(Buffer.of(marker.undefined))
  else if (value === null) parts.push(Buffer.of(marker.null))
  else if (typeof value === 'boolean') parts.push(Buffer.of(marker.boolean, value ? 1 : 0))
  else if (typeof value === 'number') {
    const bytes = Buffer.alloc(9)
    bytes.writeDoubleBE(value, 1)
    parts.push(bytes)
  } else if (typeof value === 'string') {
    const text = Buffer.from(value)
    parts.push(text.length > 0xffff ? long(marker.longString, text.length) : Buffer.of(marker.string, text.length >> 8, text.length), text)
  } else if (Array.isArray(value)) {
    parts.push(long(marker.strictArray, value.length))
    for (const item of value) encode(item, parts)
  } else {
    parts.push(Buffer.of(marker.object))
    for (const [name, property] of Object.entries(value)) {
      const text = Buffer.from(name)
      if (text.length > 0xffff) throw new RoomtapeError('VALIDATION', 'AMF0 name longer than 65535 bytes')
      parts.push(Buffer.of(text.length >> 8, text.length), text)
      encode(property, parts)
    }
    parts.push(Buffer.of(0, 0, marker.objectEnd))
  }
}

function long (kind: number, length: number): Buffer {
  const bytes = Buffer.alloc(5)
  bytes[0] = kind
  bytes.writeUInt32BE(length, 1)
  return bytes
}
