import type { IncomingHttpHeaders } from 'node:http'
import type { CosObject } from './objects.ts'
import { Refusal } from './refusal.ts'

/** The bytes a Range header asks for, both ends included; undefined for all of them. */
export function rangeOf (header: string | undefined, bytes: number): { from: number, to: number } | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '')
  if (match === null) return undefined
  const [, first = '', last = ''] = match
  if (first === '' && last === '') return undefined
  const from = first === '' ? Math.max(0, bytes - Number(last)) : Number(first)
  const to = first === '' || last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1)
  if (from > to) throw new Refusal('InvalidRange')
  return { from, to }
}

/** Checks If-Match, If-None-Match and the two conditions by date. @throws Refusal PreconditionFailed */
export function checkConditions (headers: IncomingHttpHeaders, { etag, modifiedMs }: CosObject): 'go-on' | 'not-modified' {
  const seconds = Math.floor(modifiedMs / 1_000)
  const { 'if-match': match, 'if-none-match': noneMatch } = headers
  const since = secondsOf(headers['if-modified-since'])
  const unmodifiedSince = secondsOf(headers['if-unmodified-since'])
  // RFC 9110 §13.2.2: where both kinds are given, tags are asked before dates
  if (match !== undefined ? !names(match, etag) : unmodifiedSince !== undefined && seconds > unmodifiedSince) throw new Refusal('PreconditionFailed')
  if (noneMatch !== undefined ? names(noneMatch, etag) : since !== undefined && seconds <= since) return 'not-modified'
  return 'go-on'
}

function names (list: string, etag: string): boolean {
  return list.split(',').map((tag) => tag.trim().replace(/^W\//, '').replace(/^"(.*)"$/, '$1')).some((tag) => tag === '*' || tag === etag)
}

function secondsOf (date: string | undefined): number | undefined {
  const ms = Date.parse(date ?? '')
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1_000)
}
