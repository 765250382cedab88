import { readFileSync } from 'node:fs'

/** Names this boot of the machine: what `monotonicMs()` says is of one boot. '' where there is no name for it. */
export function bootId (): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return '' // no Linux
  }
}
