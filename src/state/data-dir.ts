import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { lockFolder, type FolderLock } from '../core/folder-lock.ts'
import { newId } from '../core/ids.ts'

/** The folder in which a node keeps what must survive a restart; one process at a time. */
export interface DataDir {
  path: string
  /** This node's name, the same after a restart. */
  nodeId: string
  lock: FolderLock
}

/** @throws RoomtapeError DATA_DIR_IN_USE */
export function openDataDir (path: string): DataDir {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const lock = lockFolder(path)
  try {
    // Up to version 0.1 a lock was this file, which held a process id.
    rmSync(join(path, 'lock'), { force: true })
    const { value: nodeId } = keptText(join(path, 'node-id'), () => newId('node'))
    return { path, nodeId, lock }
  } catch (error) {
    lock.release()
    throw error
  }
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

function readIfThere (file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
