import { hash } from 'node:crypto'

const head = Buffer.from('{"sha256":"')
const middle = Buffer.from('","of":')
const digestLength = 43
const jsonStart = head.length + digestLength + middle.length
const lineBreak = 0x0a
const brace = 0x7d

/** Where a whole line stands among bytes. */
interface Place { position: number, length: number }

/** A line of JSON with its own checksum. Line breaks on both sides keep it apart from whatever a crash left before it, or one day after it. */
export function checkedLine (json: string): Buffer {
  return Buffer.from(`\n${head.toString()}${digestOf(Buffer.from(json))}${middle.toString()}${json}}\n`)
}

/** The JSON of a line without its line breaks; undefined when it is not as it was written. */
export function checkedJson (line: Buffer): string | undefined {
  const json = line.subarray(jsonStart, -1)
  const digest = line.subarray(head.length, head.length + digestLength).toString('latin1')
  const isWhole = json.length > 0 && line.at(-1) === brace && head.equals(line.subarray(0, head.length)) &&
    middle.equals(line.subarray(jsonStart - middle.length, jsonStart)) && digest === digestOf(json)
  return isWhole ? json.toString('utf8') : undefined
}

/** Finds the lines that are as they were written. @returns them in order, and how many others there are */
export function findCheckedLines (bytes: Buffer): { whole: Place[], damaged: number } {
  const whole: Place[] = []
  let damaged = 0
  for (let position = 0; position < bytes.length;) {
    const lineEnd = bytes.indexOf(lineBreak, position)
    const length = (lineEnd === -1 ? bytes.length : lineEnd) - position
    if (length > 0) {
      if (checkedJson(bytes.subarray(position, position + length)) === undefined) damaged++
      else whole.push({ position, length })
    }
    position += length + 1
  }
  return { whole, damaged }
}

function digestOf (json: Buffer): string {
  return hash('sha256', json, 'base64url')
}
