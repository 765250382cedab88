#!/usr/bin/env node
import { existsSync } from 'node:fs'

// A checkout runs its sources as they are; the package and the image hold them compiled.
const source = new URL('../src/cli.ts', import.meta.url)
await import(existsSync(source) ? source.href : new URL('../dist/src/cli.js', import.meta.url).href)
