import { mkdirSync, statSync } from 'node:fs'
import { RoomtapeError } from '../core/errors.ts'
import { lockFolder } from '../core/folder-lock.ts'
import { hasCode } from './attempt.ts'
import { adoptSpool, openSpoolIdentity } from './identity.ts'

/** A spool that this process alone works on. */
export interface LockedSpool extends Disposable { id: string }

/**
 * Takes the spool that a gateway records into; a folder that is none becomes one.
 * @param isLocked whether this process has locked the folder already, since it is its DATA_DIR as well
 * @throws RoomtapeError DATA_DIR_IN_USE, SPOOL_MOVED
 */
export function takeSpool (path: string, { isLocked }: { isLocked: boolean }): LockedSpool {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const identify = (): string => openSpoolIdentity(path, { make: true })
  return isLocked ? { id: identify(), [Symbol.dispose]: () => undefined } : locked(path, identify)
}

/**
 * Locks a spool that exists, for whoever works on it without being the gateway that records into it.
 * @throws RoomtapeError NOT_FOUND for no folder, DATA_DIR_IN_USE, SPOOL_MOVED
 */
export function lockSpool (path: string): LockedSpool {
  mustBeFolder(path)
  return locked(path, () => openSpoolIdentity(path, { make: false }))
}

/** Takes a folder that was moved over under the id it has, while nobody works in it. @throws RoomtapeError NOT_FOUND, DATA_DIR_IN_USE */
export function adoptFolder (path: string): string {
  mustBeFolder(path)
  using spool = locked(path, () => adoptSpool(path))
  return spool.id
}

function locked (path: string, identify: () => string): LockedSpool {
  const lock = lockFolder(path)
  try {
    return { id: identify(), [Symbol.dispose]: () => { lock.release() } }
  } catch (error) {
    lock.release()
    throw error
  }
}

function mustBeFolder (path: string): void {
  try {
    if (statSync(path).isDirectory()) return
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTDIR')) throw error
  }
  throw new RoomtapeError('NOT_FOUND', `${path} is no folder of this machine`)
}
