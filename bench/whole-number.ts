/** A number from the command line, 1 to `max`. @throws Error that names the option */
export function wholeNumber (name: string, text: string, max: number): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1 || value > max) throw new Error(`${name} takes whole numbers from 1 to ${max}, not '${text}'`)
  return value
}
