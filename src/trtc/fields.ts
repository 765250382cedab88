import { RoomtapeError } from '../core/errors.ts'
import { isRoomNumber, maxRoomNumber, type RoomId } from './room-id.ts'

/** Longest user or room id that is taken, in characters. TRTC documents less, but longer ones have been seen. */
const maxIdLength = 128
export const maxTimeMs = 8_640_000_000_000_000

/**
 * One JSON object of an event callback. TRTC's pages and samples disagree about types, so numbers may be text, fractions are cut off, and
 * what cannot be read counts as absent. Only what an event is nothing without is refused: ids, and what `refuse` is called for.
 */
export class Fields {
  readonly #values: Partial<Record<string, unknown>>
  readonly #path: string

  /** @throws RoomtapeError VALIDATION when it is no object */
  constructor (value: unknown, path: string) {
    if (!isObject(value)) throw invalid(path === '' ? 'body' : path.slice(0, -1), 'an object')
    this.#values = value
    this.#path = path
  }

  get (name: string): unknown {
    return Object.hasOwn(this.#values, name) ? this.#values[name] : undefined
  }

  /** The object in it. */
  fields (name: string): Fields | undefined {
    const value = this.get(name)
    return isObject(value) ? new Fields(value, `${this.#path}${name}.`) : undefined
  }

  /** A whole number of either sign. */
  number (name: string): number | undefined {
    const value = numberOf(this.get(name))
    return value === undefined ? undefined : wholeOf(value)
  }

  /** A whole number from 0. */
  count (name: string): number | undefined {
    const value = numberOf(this.get(name))
    return value === undefined || value < 0 ? undefined : wholeOf(value)
  }

  /** A number that stands for something, from 0: half of one stands for nothing. */
  code (name: string): number | undefined {
    const value = numberOf(this.get(name))
    return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined
  }

  /** Unix milliseconds, by the first of these names that has them. */
  time (...names: string[]): number | undefined {
    return names.map((name) => this.count(name)).find((value) => value !== undefined && value <= maxTimeMs)
  }

  /** Any text, or a number where TRTC's pages disagree about the type. */
  text (name: string, { maxLength = Infinity } = {}): string | undefined {
    const value = this.get(name)
    const text = typeof value === 'number' ? String(value) : value
    return typeof text === 'string' && text.length <= maxLength ? text : undefined
  }

  /** @throws RoomtapeError VALIDATION */
  id (name: string): string {
    const value = this.get(name)
    // databases and terminals choke on control characters, and lone surrogates do not survive UTF-8
    if (typeof value !== 'string' || value === '' || value.length > maxIdLength || /[\p{Cc}\p{Cs}]/u.test(value)) {
      return this.refuse(name, `1 to ${maxIdLength} printable characters`)
    }
    return value
  }

  /** @throws RoomtapeError VALIDATION */
  roomId (name: string): RoomId {
    const value = this.get(name)
    if (typeof value === 'string') return this.id(name)
    if (typeof value !== 'number' || !isRoomNumber(value)) return this.refuse(name, `text, or a number from 1 to ${maxRoomNumber}`)
    return value
  }

  refuse (name: string, expected: string): never {
    throw invalid(this.#path + name, expected)
  }
}

export function isObject (value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function numberOf (value: unknown): number | undefined {
  if (typeof value === 'string' && /^-?\d{1,16}(\.\d+)?$/.test(value)) return Number(value)
  return typeof value === 'number' ? value : undefined
}

function wholeOf (value: number): number | undefined {
  const whole = Math.trunc(value)
  return Number.isSafeInteger(whole) ? whole : undefined
}

function invalid (field: string, expected: string): RoomtapeError {
  return new RoomtapeError('VALIDATION', `${field} must be ${expected}`)
}
