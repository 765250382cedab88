import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, matchesGlob, relative } from 'node:path'
import { test } from 'node:test'
import { version } from '../src/core/version.ts'

/** ARCHITECTURE.md's drawing, from the top down. Who stands in a row sees every row below it, and none of its neighbours. */
const rows: readonly (readonly string[])[] = [
  ['src/cli.ts'],
  ['src/cli'],
  ['src/main.ts'],
  ['src/app.ts'],
  ['plugins', 'src/routes'],
  ['src/session'],
  ['src/timeline', 'src/engines/*/main', 'src/callback'],
  ['src/rooms'],
  ['src/tracks', 'src/engines/*/thread', 'src/upload'],
  ['src/spool', 'src/stores', 'src/threads', 'src/state', 'src/rtmp'],
  ['src/media', 'src/trtc'],
  ['config'],
  ['src/core']
]
/** Who sees less than all that is below. */
const narrower: Partial<Record<string, readonly string[]>> = {
  'src/cli.ts': ['src/cli', 'src/main.ts', 'src/spool', 'config', 'src/core'],
  'src/cli': ['src/core'],
  'src/app.ts': ['plugins', 'src/routes', 'src/core'],
  plugins: ['src/state', 'src/trtc', 'src/core'],
  'src/rooms': ['src/state', 'src/stores', 'src/trtc', 'src/core']
}
/** Wires a thread, and so sees its neighbours too. */
const threadEntry = 'src/tracks/worker.ts'
/** Beside the drawing: imports from it, and nobody imports it. */
const sandbox = 'src/sandbox'

const root = join(import.meta.dirname, '..')
const files = globSync(['src/**/*.ts', 'plugins/*.ts', 'config/*.ts'], { cwd: root }).map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
const imports = files.flatMap(({ path, text }) => [...text.matchAll(/(?:\bfrom|\bimport\(?|new URL\()\s*['`](\.{1,2}\/[^'`]+)['`]/g)]
  .map(([, target = '']) => ({ path, target: relative(root, join(root, dirname(path), target)) })))

/** Where in the drawing a file stands: `row` counts from the top. */
function placeOf (path: string): { row: number, name: string } {
  for (const [row, names] of rows.entries()) {
    const name = names.find((each) => path === each || matchesGlob(path, `${each}/**`))
    if (name !== undefined) return { row, name }
  }
  assert.fail(`${path} is in no layer`)
}

function isAllowed ({ path, target }: { path: string, target: string }): boolean {
  const from = placeOf(path)
  const to = placeOf(target)
  if (from.name === to.name) return true
  if (path === threadEntry && from.row === to.row) return true
  return to.row > from.row && (narrower[from.name]?.includes(to.name) ?? true)
}

test('imports point down the layers', () => {
  const drawn = imports.filter(({ path }) => !path.startsWith(sandbox))
  const across = drawn.filter(({ path, target }) => placeOf(path).name !== placeOf(target).name)

  assert.ok(across.length > 100, `${across.length} imports were read`)
  assert.deepEqual(drawn.filter((each) => !isAllowed(each)), [])
})

test('no file imports itself by way of others', () => {
  const targets = Map.groupBy(imports, ({ path }) => path)
  const done = new Set<string>()
  const circles: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      circles.push([...trail.slice(trail.indexOf(path)), path].join(' → '))
      return
    }
    if (done.has(path)) return
    for (const { target } of targets.get(path) ?? []) visit(target, [...trail, path])
    done.add(path)
  }
  for (const { path } of files) visit(path, [])

  assert.deepEqual(circles, [])
})

test('nobody imports the sandbox, and settings are read where a process begins', () => {
  const importersOf = (layer: string): string[] =>
    [...new Set(imports.filter(({ path, target }) => target.startsWith(`${layer}/`) && !path.startsWith(`${layer}/`)).map(({ path }) => path))]

  assert.deepEqual(importersOf(sandbox), [])
  assert.deepEqual(importersOf('config').filter((path) => !path.startsWith('src/sandbox/')).sort(), ['src/cli.ts', 'src/main.ts'])
  const readers = files.filter(({ path, text }) => /\bprocess\.env\b/.test(text) && !path.startsWith('src/sandbox/')).map(({ path }) => path)
  assert.deepEqual(readers.sort(), ['src/cli.ts', threadEntry], 'the thread reads the running role')
})

test('default exports are for Fastify plugins, and nothing is handed on under another roof', () => {
  assert.deepEqual(files.filter(({ path, text }) => /^export default\b/m.test(text) !== (path.startsWith('plugins/'))).map(({ path }) => path), [])
  assert.deepEqual(files.filter(({ text }) => /^export (\*|\{[^}]*\}|type \{[^}]*\}) from\b/m.test(text)).map(({ path }) => path), [])
})

test('the version is that of the package', () => {
  assert.equal(version, (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version)
})
