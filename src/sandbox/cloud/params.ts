import { ApiError } from './api-error.ts'

/** The members of one JSON object of a Cloud API request; each reader fails as TRTC would. */
export class Params {
  readonly #values: Partial<Record<string, unknown>>
  readonly #path: string
  /** Whether error codes end in the parameter's name, as those of the room actions do. */
  readonly #named: boolean

  constructor (value: unknown, { path = '', named = false }: { path?: string, named?: boolean } = {}) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new ApiError('InvalidParameter', path === '' ? 'The request body is not a JSON object.' : `${path} is not an object.`)
    }
    this.#values = value
    this.#path = path
    this.#named = named
  }

  has (name: string): boolean {
    return this.#values[name] !== undefined && this.#values[name] !== null
  }

  /** Checks that the object has no member of another name. @throws ApiError UnknownParameter */
  only (...names: string[]): this {
    const stranger = Object.keys(this.#values).find((name) => !names.includes(name))
    if (stranger !== undefined) throw new ApiError('UnknownParameter', `The parameter ${this.#path}${stranger} is not recognized.`)
    return this
  }

  int (name: string, { min = 0, max = 4_294_967_295, fallback }: { min?: number, max?: number, fallback?: number } = {}): number {
    const value = this.#get(name, fallback)
    if (!Number.isInteger(value)) throw this.invalid(name, 'is not an integer')
    if ((value as number) < min || (value as number) > max) throw this.#outOfRange(name, `is not in ${min} to ${max}`)
    return value as number
  }

  oneOf (name: string, values: readonly number[], fallback?: number): number {
    const value = this.int(name, fallback === undefined ? {} : { fallback })
    if (!values.includes(value)) throw this.#outOfRange(name, `is not one of ${values.join(', ')}`)
    return value
  }

  text (name: string): string {
    const value = this.#get(name)
    if (typeof value !== 'string') throw this.invalid(name, 'is not a string')
    if (value === '') throw this.#outOfRange(name, 'is empty')
    return value
  }

  list (name: string, { max }: { max: number }): unknown[] {
    const value = this.#get(name)
    if (!Array.isArray(value)) throw this.invalid(name, 'is not an array')
    if (value.length === 0 || value.length > max) throw this.invalid(name, `does not have 1 to ${max} members`)
    return value
  }

  object (name: string): Params {
    return new Params(this.#get(name), { path: `${this.#path}${name}.`, named: this.#named })
  }

  invalid (name: string, fault: string): ApiError {
    return new ApiError(this.#code('InvalidParameter', name), `The parameter ${this.#path}${name} ${fault}.`)
  }

  #outOfRange (name: string, fault: string): ApiError {
    return new ApiError(this.#code('InvalidParameterValue', name), `The value of ${this.#path}${name} ${fault}.`)
  }

  #get (name: string, fallback?: unknown): unknown {
    const value = this.has(name) ? this.#values[name] : fallback
    if (value === undefined) throw new ApiError(this.#code('MissingParameter', name), `The request is missing the parameter ${this.#path}${name}.`)
    return value
  }

  #code (code: string, name: string): string {
    return this.#named ? `${code}.${name}` : code
  }
}
