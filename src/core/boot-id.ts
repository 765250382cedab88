import { readFileSync } from 'node:fs'

/** Of this boot of the machine; '' where it has none, as outside of Linux. */
export function bootId (): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}
