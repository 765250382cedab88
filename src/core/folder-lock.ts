import { accessSync, constants, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { messageOf, RoomtapeError } from './errors.ts'

/** A folder that this process alone works in, until it is released or the process is gone. */
export interface FolderLock {
  /** Device and inode of the lock file: another for a copy of the folder, the same after a restart. */
  inode: string
  release: () => void
}

/** Stays when the lock is released. It is empty: what locks is the kernel's lock on it. */
const lockFileName = 'lock.sqlite'
const sqliteBusy = 5

/** Databases by which folders are locked: one that nothing refers to would be closed, and its lock with it. */
const held = new Set<DatabaseSync>()

/**
 * Locks a folder that exists by SQLite's exclusive mode, which is a lock of the kernel's (`fcntl`) on the file: it is freed when its process
 * dies, whatever it dies of, and seen across containers that share the folder. Node has no lock of its own to offer.
 *
 * Such a lock is the process's own: it is lost when the same process opens and closes the file by any other way, so nobody should.
 * @throws RoomtapeError DATA_DIR_IN_USE when another process, or another part of this one, works there
 */
export function lockFolder (path: string): FolderLock {
  const folder = resolve(path)
  const file = join(folder, lockFileName)
  makeLockFile(file)
  const database = lock(folder, file)
  held.add(database)
  const { dev, ino } = statSync(file, { bigint: true })
  return {
    inode: `${dev}:${ino}`,
    release () {
      if (held.delete(database)) database.close()
    }
  }
}

/** SQLite would make it readable for all, and take one that it may only read for locked. */
function makeLockFile (file: string): void {
  try {
    writeFileSync(file, '', { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  accessSync(file, constants.R_OK | constants.W_OK)
}

function lock (folder: string, file: string): DatabaseSync {
  const database = new (sqlite().DatabaseSync)(file)
  try {
    // The transaction is never ended, and nothing of it comes to the disk: neither data nor a journal.
    database.exec('pragma journal_mode = memory; pragma locking_mode = exclusive; begin exclusive')
    return database
  } catch (error) {
    database.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy) {
      throw new RoomtapeError('DATA_DIR_IN_USE', `another process works in ${folder}: stop it, or give this one a folder of its own`, { cause: error })
    }
    throw new Error(`${folder} cannot be locked, it has to be on a disk of this machine: ${messageOf(error)}`, { cause: error })
  }
}

/** Loads `node:sqlite`, of which Node warns at the first use that it is experimental. Of no other warning is anything kept back. */
function sqlite (): typeof import('node:sqlite') {
  const emitWarning = process.emitWarning.bind(process)
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (rest[0] === 'ExperimentalWarning' && messageOf(warning).startsWith('SQLite')) return
    Reflect.apply(emitWarning, undefined, [warning, ...rest])
  }
  try {
    return process.getBuiltinModule('node:sqlite')
  } finally {
    process.emitWarning = emitWarning
  }
}
