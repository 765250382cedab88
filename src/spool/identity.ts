import { randomUUID } from 'node:crypto'
import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { RoomtapeError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { hasCode } from './attempt.ts'
import { ownerOnly } from './journal.ts'

/** Beside the folders of recordings. */
const fileName = 'spool-id'

/** The file says who the spool is, and which file it is itself: a copy of the folder has another inode. */
const Identity = Type.Object({ id: Type.String({ pattern: '^spl_[A-Za-z0-9]+$' }), inode: Type.String() })
type Identity = Static<typeof Identity>

/**
 * The id of a spool. Tracks carry it: nobody closes the track of another spool.
 * @param make whether a folder that is no spool yet becomes one
 * @throws RoomtapeError SPOOL_MOVED for a folder that was copied, or moved to another disk; NOT_FOUND for no spool
 */
export function openSpoolIdentity (directory: string, { make }: { make: boolean }): string {
  const known = readIdentity(directory)
  if (known === undefined && make) return writeIdentity(directory, newId('spl'))
  if (known === undefined) throw noSpool(directory)
  if (known.inode !== inodeOf(directory)) {
    throw new RoomtapeError('SPOOL_MOVED', `${directory} was copied or moved: it says it is spool ${known.id}, and that one is another folder. ` +
      `If the original is gone, take it over with: roomtape spool adopt ${directory}`)
  }
  return known.id
}

/**
 * Takes a folder that was moved over under the id it has. Only right when the original is gone: two spools of one id are each other's loss.
 * @throws RoomtapeError NOT_FOUND for a folder that is no spool
 */
export function adoptSpool (directory: string): string {
  const known = readIdentity(directory)
  if (known === undefined) throw noSpool(directory)
  return writeIdentity(directory, known.id)
}

function noSpool (directory: string): RoomtapeError {
  return new RoomtapeError('NOT_FOUND', `${directory} is no spool: it has no ${fileName}`)
}

/** @throws RoomtapeError SPOOL_FAILED for a file that is not ours, or damaged */
function readIdentity (directory: string): Identity | undefined {
  const path = join(directory, fileName)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
  const value = parsed(text)
  if (!Value.Check(Identity, value)) throw new RoomtapeError('SPOOL_FAILED', `${path} is damaged: expected the id of the spool`)
  return value
}

/** The file appears whole or not at all; its inode stays when it is renamed. */
function writeIdentity (directory: string, id: string): string {
  const unfinished = join(directory, `${fileName}-${randomUUID()}`)
  const descriptor = openSync(unfinished, 'wx', ownerOnly)
  try {
    const identity: Identity = { id, inode: String(fstatSync(descriptor, { bigint: true }).ino) }
    writeSync(descriptor, JSON.stringify(identity) + '\n')
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(unfinished, join(directory, fileName))
  syncFolder(directory)
  return id
}

function inodeOf (directory: string): string {
  return String(statSync(join(directory, fileName), { bigint: true }).ino)
}

/** Makes the new name as durable as the bytes. */
export function syncFolder (directory: string): void {
  const descriptor = openSync(directory, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function parsed (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // torn, or not ours: what is expected is said by the caller
  }
}
