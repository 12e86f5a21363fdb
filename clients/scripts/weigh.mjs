// Says how much compressed script the home page loads first, and fails when it is more than people with a slow line bear.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const MOST_BYTES = 200_000
const folder = process.argv[2]
const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8').catch(() => 'null'))
if (manifest === null) {
  console.error(`${folder} has not been built: run make install.`)
  process.exit(1)
}

const reached = new Set()
const waiting = ['index.html', 'src/words/zh-CN.ts']
while (waiting.length) {
  const name = waiting.pop()
  if (reached.has(name)) continue
  reached.add(name)
  waiting.push(...(manifest[name].imports ?? []))
}
const sizes = await Promise.all(
  [...reached].map(async (name) => gzipSync(await readFile(join(folder, manifest[name].file)), { level: 9 }).length),
)
const total = sizes.reduce((sum, size) => sum + size, 0)
console.log(
  `The portal's home page loads ${(total / 1000).toFixed(1)} KB of script (gzip); at most ${MOST_BYTES / 1000}.`,
)
if (total > MOST_BYTES) process.exit(1)
