import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { RoomtapeError } from '../src/core/errors.ts'
import { ProblemError } from './problem-details.ts'

/**
 * JSON bodies as callers of every language send them: no body is none, whatever `Content-Type` says; any name may be that of a member,
 * `__proto__` too, and is one like others; a number that would come back as another one is refused by its place. Register it on the root,
 * after `problem-details`.
 */
export default fp(async (app) => {
  app.addHook('onRequest', async ({ raw: { headers } }) => {
    if (headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0') delete headers['content-type']
  })
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: FastifyRequest, text: string) => text === '' ? undefined : parse(text))
}, { name: 'roomtape-json-body', fastify: '5.x' })

interface Lost {
  /** The object or array that it is in, as far as `path` goes up. */
  holder: unknown
  path: string[]
}

type Reviver = (this: unknown, name: string, value: unknown, context: { source?: string }) => unknown
/** With the text of a number, which TypeScript does not know of yet. */
const parseJson = JSON.parse as (text: string, reviver: Reviver) => unknown

const mostNamed = 20

/**
 * @returns objects whose members are all their own: with `JSON.parse`, a member `__proto__` is no prototype
 * @throws RoomtapeError BODY_MALFORMED; VALIDATION naming the numbers that a double cannot hold
 */
function parse (text: string): unknown {
  const lost: Lost[] = []
  const value = read(text.replace(/^\uFEFF/, ''), function (name, value, { source }) {
    if (typeof value === 'number' && source !== undefined && !survives(source, value)) {
      if (lost.length < mostNamed) lost.push({ holder: this, path: [name] })
    } else if (lost.length > 0 && typeof value === 'object') {
      // What an object holds is read before the object.
      for (const each of lost) {
        if (each.holder !== value) continue
        each.holder = this
        each.path.unshift(name)
      }
    }
    return value
  })
  if (lost.length === 0) return value
  throw new ProblemError('VALIDATION', 'body holds numbers that would come back changed: send them as text', {
    Errors: lost.map(({ path: [, ...names] }) => ({ Pointer: pointerOf(names), Detail: 'must be a number that a double can hold' }))
  })
}

function read (text: string, reviver: Reviver): unknown {
  try {
    return parseJson(text, reviver)
  } catch {
    // the parser's message quotes the body; a body nested too deep for the stack ends here too
    throw new RoomtapeError('BODY_MALFORMED', 'the body is not JSON')
  }
}

/** Digits that tell any double from the next; many languages print a double with all of them. */
const digitsOfDouble = 17

/** Whether a number comes back as the one it was: the same decimal, or a fraction written with no more digits than a double has. */
function survives (source: string, value: number): boolean {
  if (!Number.isFinite(value)) return false
  const given = decimalOf(source)
  const kept = decimalOf(String(value))
  if (given.digits === kept.digits && given.exponent === kept.exponent) return true
  return given.exponent < 0 && given.digits.length <= digitsOfDouble && value !== 0
}

/** A number as `digits` × 10^`exponent`, without zeros at either end; the sign is left out. */
function decimalOf (text: string): { digits: string, exponent: number } {
  const [, whole = '', fraction = '', exponent = '0'] = /^-?(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(text) ?? []
  const all = (whole + fraction).replace(/^0+/, '')
  const digits = all.replace(/0+$/, '')
  return { digits, exponent: digits === '' ? 0 : Number(exponent) - fraction.length + all.length - digits.length }
}

function pointerOf (names: readonly string[]): string {
  return ['#', ...names.map((name) => name.replaceAll('~', '~0').replaceAll('/', '~1'))].join('/')
}
