import type { Logger } from 'pino'
import type { RelaySources } from '../engines/relay/main/relay-sources.ts'
import type { SourceWithTask } from '../state/sources.ts'

/** By source that was not let go: its stream key, a secret, and the port that it pushes to. */
export class SourceKeys {
  readonly #keys = new Map<string, { key: string, port: number }>()
  readonly #sources: Pick<RelaySources, 'keyOf'>
  readonly #log: Logger

  constructor (sources: Pick<RelaySources, 'keyOf'>, log: Logger) {
    this.#sources = sources
    this.#log = log
  }

  set (sourceId: string, key: { key: string, port: number }): void { this.#keys.set(sourceId, key) }

  get (sourceId: string): { key: string, port: number } | undefined { return this.#keys.get(sourceId) }

  delete (sourceId: string): void { this.#keys.delete(sourceId) }

  /** The port that the first of these sources with a key pushes to. */
  portOf (sourceIds: readonly string[]): number | undefined {
    return sourceIds.flatMap((id) => this.#keys.get(id)?.port ?? [])[0]
  }

  /** Takes over the keys of a former owner. @returns the sources that have one; of one that cannot be opened any more another source is asked for */
  adopt (sources: readonly SourceWithTask[]): string[] {
    return sources.flatMap((source) => {
      const key = this.#open(source)
      if (key === undefined || source.port === null) return []
      this.#keys.set(source.id, { key, port: source.port })
      return [source.id]
    })
  }

  #open (source: SourceWithTask): string | undefined {
    try {
      return this.#sources.keyOf(source)
    } catch (err) {
      this.#log.error({ err, sourceId: source.id }, 'stream key not readable, its source is not let in again')
      return undefined
    }
  }
}
