import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { receive, type Content } from './receive.ts'

/** Headers kept with an object and given back with it. */
export type ObjectHeaders = Readonly<Record<string, string>>

export interface CosObject extends Content {
  bucket: string
  key: string
  /** The ETag without its quotes. */
  etag: string
  headers: ObjectHeaders
  modifiedMs: number
}

export interface CosUpload {
  uploadId: string
  bucket: string
  key: string
  headers: ObjectHeaders
  startedMs: number
  parts: Map<number, Content & { modifiedMs: number }>
}

type SavedUpload = Omit<CosUpload, 'parts'> & { parts: Array<[number, Content & { modifiedMs: number }]> }

/**
 * Objects and unfinished uploads in a folder. Files are named by hash or at random, never by key, and described by a JSON
 * file beside them whose renaming is the moment of change; so uploads outlive a restart of the server.
 */
export class CosObjects {
  readonly #directory: string
  readonly #objects = new Map<string, CosObject>()
  readonly #uploads = new Map<string, CosUpload>()
  /** Uploads are written one after the other, or an older state might be renamed over a newer one. */
  #written: Promise<void> = Promise.resolve()

  private constructor (directory: string) {
    this.#directory = directory
  }

  static async open (directory: string): Promise<CosObjects> {
    const objects = new CosObjects(directory)
    for (const folder of ['objects', 'uploads', 'content']) await mkdir(join(directory, folder), { recursive: true })
    for (const object of await readAll<CosObject>(join(directory, 'objects'))) {
      objects.#objects.set(objectName(object.bucket, object.key), object)
    }
    for (const upload of await readAll<SavedUpload>(join(directory, 'uploads'))) {
      objects.#uploads.set(upload.uploadId, { ...upload, parts: new Map(upload.parts) })
    }
    return objects
  }

  /** A new path, for a body that is about to be written. */
  newContentPath (): string {
    return join(this.#directory, 'content', randomUUID())
  }

  get (bucket: string, key: string): CosObject | undefined {
    return this.#objects.get(objectName(bucket, key))
  }

  /** A bucket's objects in the byte order of their keys, as COS lists them. */
  list (bucket: string): CosObject[] {
    return [...this.#objects.values()].filter((object) => object.bucket === bucket)
      .sort((one, other) => Buffer.compare(Buffer.from(one.key), Buffer.from(other.key)))
  }

  async put (object: CosObject): Promise<void> {
    const name = objectName(object.bucket, object.key)
    const replaced = this.#objects.get(name)
    await this.#save('objects', name, object)
    this.#objects.set(name, object)
    if (replaced !== undefined) await rm(replaced.path, { force: true })
  }

  async delete (bucket: string, key: string): Promise<void> {
    const name = objectName(bucket, key)
    const object = this.#objects.get(name)
    if (object === undefined) return
    this.#objects.delete(name)
    await rm(join(this.#directory, 'objects', `${name}.json`), { force: true })
    await rm(object.path, { force: true })
  }

  async initiate (bucket: string, key: string, headers: ObjectHeaders, nowMs: number): Promise<CosUpload> {
    const uploadId = `${Math.floor(nowMs / 1_000)}${randomBytes(32).toString('hex')}`
    const upload: CosUpload = { uploadId, bucket, key, headers, startedMs: nowMs, parts: new Map() }
    this.#uploads.set(uploadId, upload)
    await this.#writeUpload(upload)
    return upload
  }

  upload (uploadId: string): CosUpload | undefined {
    return this.#uploads.get(uploadId)
  }

  /** A bucket's unfinished uploads, by key, then the oldest first. */
  uploads (bucket: string): CosUpload[] {
    return [...this.#uploads.values()].filter((upload) => upload.bucket === bucket)
      .sort((one, other) => Buffer.compare(Buffer.from(one.key), Buffer.from(other.key)) || one.startedMs - other.startedMs)
  }

  async putPart (upload: CosUpload, partNumber: number, content: Content, nowMs: number): Promise<void> {
    const replaced = upload.parts.get(partNumber)
    upload.parts.set(partNumber, { ...content, modifiedMs: nowMs })
    await this.#writeUpload(upload)
    if (replaced !== undefined) await rm(replaced.path, { force: true })
  }

  /** Joins the parts into the object; the upload ends with it. */
  async complete (upload: CosUpload, contents: readonly Content[], nowMs: number): Promise<CosObject> {
    const { bucket, key, headers } = upload
    const content = await receive(joined(contents), this.newContentPath())
    // COS too gives a joined object an ETag that is not the MD5 of anything a client could compute
    const object = { ...content, bucket, key, headers, etag: `${randomBytes(16).toString('hex')}-${contents.length}`, modifiedMs: nowMs }
    await this.put(object)
    await this.abort(upload)
    return object
  }

  async abort (upload: CosUpload): Promise<void> {
    this.#uploads.delete(upload.uploadId)
    await this.#writeUpload(upload)
    for (const { path } of upload.parts.values()) await rm(path, { force: true })
  }

  /** Writes the upload's file anew when the write before is through, or removes it when the upload has ended by then. */
  async #writeUpload (upload: CosUpload): Promise<void> {
    const { uploadId, parts } = upload
    const written = this.#written.then(async () => {
      if (this.#uploads.has(uploadId)) await this.#save('uploads', uploadId, { ...upload, parts: [...parts] })
      else await rm(join(this.#directory, 'uploads', `${uploadId}.json`), { force: true })
    })
    // the caller of this write hears of its failure; the next write begins all the same
    this.#written = written.catch(() => undefined)
    await written
  }

  async #save (folder: string, name: string, value: CosObject | SavedUpload): Promise<void> {
    const temporary = this.newContentPath()
    await writeFile(temporary, JSON.stringify(value))
    await rename(temporary, join(this.#directory, folder, `${name}.json`))
  }
}

function objectName (bucket: string, key: string): string {
  return createHash('sha256').update(`${bucket}\n${key}`).digest('hex')
}

async function readAll<T> (folder: string): Promise<T[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'))
  // only `#save` writes these files, so they need no check
  return await Promise.all(names.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as T))
}

async function * joined (contents: readonly Content[]): AsyncGenerator<Buffer> {
  for (const { path } of contents) yield * createReadStream(path) as AsyncIterable<Buffer>
}
