import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { SettingsSchema } from '../../../config/schema.ts'
import { version } from '../../../src/core/version.ts'

const root = join(import.meta.dirname, '../../..')
const pages = globSync(['*.md', 'docs/**/*.md', 'plugins/*.md'], { cwd: root })

function read (file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

test('every link of a page leads to a file of the repository and to a heading of it', () => {
  const broken = pages.flatMap((page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)]
    return links.filter(([, target = '', heading]) => {
      const file = target === '' ? page : join(dirname(page), target)
      return !existsSync(join(root, file)) || (heading !== undefined && !headingsOf(file).includes(heading))
    }).map(([link]) => `${page}: ${link}`)
  })

  assert.ok(pages.length > 5)
  assert.deepEqual(broken, [])
})

test('every source file that a page names is there', () => {
  const missing = pages.flatMap((page) => {
    const names = [...read(page).matchAll(/`((?:src|plugins|config|test|docs|examples|bench|bin)\/[\w./-]*)`/g)]
    return names.filter(([, name = '']) => !existsSync(join(root, name))).map(([, name]) => `${page}: ${name}`)
  })

  assert.deepEqual(missing, [])
})

test('the walk of ARCHITECTURE.md has nine files, and in each what is to be looked for', () => {
  const rows = [...read('ARCHITECTURE.md').matchAll(/^\| (\d) \| \[(\S+)\]\((\S+)\) \| (.*?) \|/gm)]

  assert.deepEqual(rows.map(([, number]) => Number(number)), [1, 2, 3, 4, 5, 6, 7, 8, 9])
  for (const [, , name, file = '', words = ''] of rows) {
    assert.equal(name, file)
    const code = read(file)
    for (const [, word = ''] of words.matchAll(/`(#?\w+)`/g)) assert.match(code, new RegExp(`(?<![\\w#])${word}\\b`), `${file} has no ${word}`)
  }
})

test('docs/operations.md speaks of settings that exist, and every variable of the image is one', () => {
  const known = [...Object.keys(SettingsSchema.properties), 'CONFIG_FILE']
  const named = [...read('docs/operations.md').matchAll(/^\| `([A-Z_]+)` \| [A-Z]/gm)].map(([, name = '']) => name)
  const image = [...read('Dockerfile').matchAll(/^(?:ENV| {3}) ([A-Z_]+)=/gm)].map(([, name = '']) => name)

  assert.ok(named.length >= 5 && image.length >= 3)
  assert.deepEqual([...named, ...image].filter((name) => !known.includes(name)), ['NODE_ENV'])
})

test('the image exposes the default ports', () => {
  const [, http, rtmp] = /^EXPOSE (\d+) (\d+)-\d+$/m.exec(read('Dockerfile')) ?? []

  const { PORT, RTMP_PORT } = SettingsSchema.properties
  assert.deepEqual([Number(http), Number(rtmp)], [PORT, RTMP_PORT].map((setting) => Reflect.get(setting, 'default') as number))
})

test('the version is the same in the package, the code and the API', () => {
  const { version: packaged } = JSON.parse(read('package.json')) as { version: string }
  const { info } = JSON.parse(read('docs/openapi.json')) as { info: { version: string } }

  assert.deepEqual([version, info.version], [packaged, packaged])
})

/** The anchors that GitHub makes of a page's headings. */
function headingsOf (file: string): string[] {
  return [...read(file).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading.toLowerCase().replace(/[^\p{L}\p{N}_ -]/gu, '').replaceAll(' ', '-'))
}
