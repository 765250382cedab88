import { SettingsSchema } from './schema.ts'

interface Described { description: string, default?: string | number | readonly string[] }

/** The text of `example.env`: every setting with its default, those that must be given first and without. */
export function exampleEnv (): string {
  const required = new Set<string>(SettingsSchema.required)
  const paragraphs = Object.entries(SettingsSchema.properties as unknown as Record<string, Described>).map(([name, { description, default: value }]) => {
    const line = required.has(name) && value === undefined ? `${name}=` : `# ${name}=${(value ?? '').toString()}`
    return `# ${description}\n${line}\n`
  })
  return [
    '# Settings of Roomtape. Made from config/schema.ts by: node config/example-env.ts > config/example.env\n' +
    '# CONFIG_FILE may name a JSON file with the same names; the environment wins over it.\n',
    ...paragraphs
  ].join('\n')
}

if (import.meta.main) process.stdout.write(exampleEnv())
