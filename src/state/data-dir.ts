import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { RoomtapeError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'

/** The folder in which a node keeps what must survive a restart; one process at a time. */
export interface DataDir {
  path: string
  /** This node's name, the same after a restart. */
  nodeId: string
  release (): void
}

/** @throws RoomtapeError DATA_DIR_IN_USE */
export function openDataDir (path: string): DataDir {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const lock = join(path, 'lock')
  takeLock(lock)
  const { value: nodeId } = keptText(join(path, 'node-id'), () => newId('node'))
  return { path, nodeId, release: () => { rmSync(lock, { force: true }) } }
}

/** A secret that is made once and kept in a file that only its owner reads. @returns also whether it was made just now */
export function keptSecret (directory: string, name: string): { value: string, file: string, made: boolean } {
  const file = join(directory, name)
  return { file, ...keptText(file, () => randomBytes(32).toString('base64')) }
}

function keptText (file: string, make: () => string): { value: string, made: boolean } {
  const kept = readIfThere(file)?.trim()
  if (kept !== undefined && kept !== '') return { value: kept, made: false }
  const value = make()
  const descriptor = openSync(file, 'w', 0o600)
  writeSync(descriptor, value + '\n')
  fsyncSync(descriptor)
  closeSync(descriptor)
  return { value, made: true }
}

/** Takes the lock file, which holds its owner's process id and boot id. A lock whose owner is gone was left by a killed process or a lost machine. */
function takeLock (lock: string): void {
  const boot = readIfThere('/proc/sys/kernel/random/boot_id')?.trim() ?? ''
  for (;;) {
    try {
      const descriptor = openSync(lock, 'wx', 0o600)
      writeSync(descriptor, `${process.pid} ${boot}`)
      closeSync(descriptor)
      return
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error
    }
    const [pid, ownersBoot = ''] = readIfThere(lock)?.split(' ') ?? []
    const owner = ownersBoot === boot ? Number(pid) : NaN
    // In a container every life has the same process id: a lock with our own is left from the last one.
    if (owner !== process.pid && isAlive(owner)) {
      throw new RoomtapeError('DATA_DIR_IN_USE', `process ${owner} works in this DATA_DIR already; if it is no Roomtape, delete ${lock}`)
    }
    rmSync(lock, { force: true })
  }
}

function isAlive (pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return hasCode(error, 'EPERM')
  }
}

function readIfThere (file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

function hasCode (error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
