import { Refusal } from './refusal.ts'

export type XmlElement = readonly [name: string, content: string | number | boolean | readonly XmlElement[]]

/** A document of nested elements. Nothing is indented, since COS clients do not trim text. */
export function xmlDocument (root: XmlElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${element(root)}`
}

function element ([name, content]: XmlElement): string {
  return `<${name}>${typeof content === 'object' ? content.map(element).join('') : escapeText(String(content))}</${name}>`
}

function escapeText (text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`)
}

export interface PartReference {
  partNumber: number
  /** The ETag without its quotes. */
  etag: string
}

const completeBody = /^\s*(?:<\?xml[^>]*\?>)?\s*<CompleteMultipartUpload(?:\s[^>]*)?>(.*)<\/CompleteMultipartUpload>\s*$/s
const part = /\s*<Part>(.*?)<\/Part>\s*/sy
const partNumberElement = /<PartNumber>\s*(\d{1,9})\s*<\/PartNumber>/
const etagElement = /<ETag>([^<]*)<\/ETag>/

/** Reads the body of Complete, the only XML that this server is sent. */
export function parseCompleteBody (text: string): PartReference[] {
  const list = completeBody.exec(text)?.[1]
  if (list === undefined) throw new Refusal('MalformedXML')
  const parts: PartReference[] = []
  part.lastIndex = 0
  while (part.lastIndex < list.length) {
    const content = part.exec(list)?.[1] ?? ''
    const partNumber = partNumberElement.exec(content)?.[1]
    const etag = etagElement.exec(content)?.[1]
    if (partNumber === undefined || etag === undefined) throw new Refusal('MalformedXML')
    parts.push({ partNumber: Number(partNumber), etag: unquote(etag) })
  }
  if (parts.length === 0) throw new Refusal('MalformedXML')
  return parts
}

function unquote (etag: string): string {
  return etag.trim().replace(/&quot;|&#34;|&#x22;/g, '"').replace(/^"(.*)"$/, '$1')
}
