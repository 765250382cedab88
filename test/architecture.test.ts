import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'
import { version } from '../src/core/version.ts'

/** Who may import whom, from the top down: ARCHITECTURE.md's drawing. Nobody has src/sandbox in its row. */
const layers: Record<string, readonly string[]> = {
  'src/cli.ts': ['src/main.ts', 'config', 'src/core'],
  'src/main.ts': ['src/app.ts', 'config', 'plugins', 'src/routes', 'src/session', 'src/capture', 'src/storage', 'src/callback', 'src/state', 'src/core'],
  'src/app.ts': ['plugins', 'src/routes', 'src/core'],
  plugins: ['src/state', 'src/trtc', 'src/core'],
  'src/routes': ['src/session', 'src/capture', 'src/storage', 'src/callback', 'src/state', 'src/trtc', 'src/core'],
  'src/session': ['src/capture', 'src/storage', 'src/callback', 'src/state', 'src/trtc', 'src/core'],
  'src/capture': ['src/media', 'src/trtc', 'src/core'],
  'src/capture/worker.ts': ['src/storage'], // wires its thread
  'src/storage': ['src/media', 'src/core'],
  'src/callback': ['src/state', 'src/core'],
  'src/state': ['src/media', 'src/core'], // the shape of a gap, as a track's row keeps it
  'src/media': ['src/core'],
  'src/trtc': ['src/core'],
  config: ['src/core'],
  'src/core': [],
  'src/sandbox': ['src/main.ts', 'config', 'src/capture', 'src/storage', 'src/media', 'src/trtc', 'src/core']
}

const root = join(import.meta.dirname, '..')
const files = globSync(['src/**/*.ts', 'plugins/*.ts', 'config/*.ts'], { cwd: root }).map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
const imports = files.flatMap(({ path, text }) => [...text.matchAll(/(?:\bfrom|\bimport\(?|new URL\()\s*['`](\.{1,2}\/[^'`]+)['`]/g)]
  .map(([, target = '']) => ({ path, target: relative(root, join(root, dirname(path), target)) })))

/** The longest name in the table that the file is, or is in. */
function layerOf (path: string): string {
  const [layer] = [path, path.split('/').slice(0, 2).join('/'), path.split('/')[0] ?? ''].filter((name) => name in layers && name !== 'src/capture/worker.ts')
  assert.ok(layer !== undefined, `${path} is in no layer`)
  return layer
}

test('imports point down the layers', () => {
  const across = imports.filter(({ path, target }) => layerOf(path) !== layerOf(target))
  const broken = across.filter(({ path, target }) => ![...layers[layerOf(path)] ?? [], ...layers[path] ?? []].includes(layerOf(target)))

  assert.ok(across.length > 100, `${across.length} imports were read`)
  assert.deepEqual(broken, [])
})

test('nobody imports the sandbox, and settings are read where a process begins', () => {
  const importersOf = (layer: string): string[] =>
    [...new Set(imports.filter(({ path, target }) => layerOf(target) === layer && layerOf(path) !== layer).map(({ path }) => path))]

  assert.deepEqual(importersOf('src/sandbox'), [])
  assert.deepEqual(importersOf('config').filter((path) => !path.startsWith('src/sandbox/')).sort(), ['src/cli.ts', 'src/main.ts'])
  const readers = files.filter(({ path, text }) => /\bprocess\.env\b/.test(text) && !path.startsWith('src/sandbox/')).map(({ path }) => path)
  assert.deepEqual(readers.sort(), ['src/capture/worker.ts', 'src/cli.ts'], 'the thread reads the running role')
})

test('default exports are for Fastify plugins, and nothing is handed on under another roof', () => {
  assert.deepEqual(files.filter(({ path, text }) => /^export default\b/m.test(text) !== (path.startsWith('plugins/'))).map(({ path }) => path), [])
  assert.deepEqual(files.filter(({ text }) => /^export (\*|\{[^}]*\}|type \{[^}]*\}) from\b/m.test(text)).map(({ path }) => path), [])
})

test('the version is that of the package', () => {
  assert.equal(version, (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version)
})
