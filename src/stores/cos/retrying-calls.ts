import { RoomtapeError } from '../../core/errors.ts'
import { retry, type RetrySchedule } from '../../core/retry.ts'
import type { CosTarget } from '../../core/store-target.ts'
import type { CredentialSource, Credentials } from '../credentials.ts'
import { CosCalls } from './cos-calls.ts'
import { CosFailure } from './cos-failure.ts'

export interface RetryingCallsOptions {
  credentials: CredentialSource
  /** How long a connection may be silent. */
  timeoutMs: number
  /** For each call. */
  schedule: RetrySchedule
  random: () => number
}

/** Calls to one bucket, tried again where that can heal, with the credentials of the moment. */
export class RetryingCalls {
  readonly bucket: string
  readonly #target: CosTarget
  readonly #options: RetryingCallsOptions
  #current: { credentials: Credentials, calls: CosCalls } | undefined

  constructor (target: CosTarget, options: RetryingCallsOptions) {
    this.bucket = target.bucket
    this.#target = target
    this.#options = options
  }

  /** Makes a call until it succeeds or cannot heal. What it fails with is a CosFailure still. */
  async retry<T> (signal: AbortSignal, attempt: (calls: CosCalls) => Promise<T>): Promise<T> {
    const { credentials: source, schedule, random } = this.#options
    let renewed = false
    return await retry(async () => {
      renewed = false
      const credentials = await source.get({ signal })
      try {
        return await attempt(this.#callsWith(credentials))
      } catch (error) {
        renewed = error instanceof CosFailure && error.refusesCredentials && source.discard(credentials)
        throw error
      }
    }, { schedule, signal, random, retryable: (error) => renewed || (error instanceof CosFailure && error.heals) })
  }

  /** Makes a call that is not tried again. */
  async once<T> (signal: AbortSignal, attempt: (calls: CosCalls) => Promise<T>): Promise<T> {
    return await attempt(this.#callsWith(await this.#options.credentials.get({ signal })))
  }

  /** A CosFailure as what the rest of the program knows; anything else as it is. */
  translated (error: unknown, key: string, cause = error): unknown {
    if (!(error instanceof CosFailure)) return error
    const name = error.heals ? 'STORE_UNAVAILABLE' : 'STORE_DENIED'
    const verb = error.heals ? 'did not take' : 'refused'
    return new RoomtapeError(name, `bucket '${this.bucket}' ${verb} ${key}: ${error.summary}`, { cause })
  }

  #callsWith (credentials: Credentials): CosCalls {
    if (this.#current?.credentials !== credentials) {
      this.#current = { credentials, calls: new CosCalls(this.#target, credentials, this.#options.timeoutMs) }
    }
    return this.#current.calls
  }
}
