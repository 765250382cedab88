import type { Logger } from 'pino'
import { RoomtapeError } from '../core/errors.ts'
import type { Seal } from '../core/seal.ts'
import { findApp, openApp } from './apps.ts'
import type { Connection } from './database.ts'
import type { DatabaseWatch } from './database-watch.ts'

export interface CallbackKeysDeps {
  kysely: Connection
  seal: Seal
  database: Pick<DatabaseWatch, 'ask'>
  log: Pick<Logger, 'error'>
}

/** The callback key of each app, as the database says; while that is away, as it last said. */
export class CallbackKeys {
  readonly #deps: CallbackKeysDeps
  readonly #known = new Map<number, string>()

  constructor (deps: CallbackKeysDeps) {
    this.#deps = deps
  }

  /** Learns the keys of all apps. */
  async load (): Promise<void> {
    const { kysely, seal, log } = this.#deps
    for (const row of await kysely.selectFrom('apps').selectAll().execute()) {
      try {
        this.#known.set(row.sdkAppId, openApp(seal, row).callbackKey)
      } catch (err) {
        log.error({ err, sdkAppId: row.sdkAppId }, 'the secrets of an app cannot be read')
      }
    }
  }

  /** An app was added, or has another key. */
  put (sdkAppId: number, key: string): void {
    this.#known.set(sdkAppId, key)
  }

  /**
   * @returns undefined for an app that the database does not know
   * @throws RoomtapeError UNAVAILABLE when the database is away and no key of the app is known
   */
  async find (sdkAppId: number): Promise<string | undefined> {
    const { kysely, seal, database } = this.#deps
    try {
      const key = (await database.ask(() => findApp(kysely, seal, sdkAppId)))?.callbackKey
      if (key === undefined) this.#known.delete(sdkAppId)
      else this.#known.set(sdkAppId, key)
      return key
    } catch (error) {
      const known = this.#known.get(sdkAppId)
      if (known !== undefined && error instanceof RoomtapeError && error.error === 'UNAVAILABLE') return known
      throw error
    }
  }
}
