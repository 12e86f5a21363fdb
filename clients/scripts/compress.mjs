// Puts .br and .gz beside each built file of a folder that is worth it, for servers that hand them out as they are.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const WORTH_IT = 1024
const folder = process.argv[2]
for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/\.(js|css|svg|json)$/.test(entry.name)) continue
  const path = join(entry.parentPath, entry.name)
  const content = await readFile(path)
  if (content.length < WORTH_IT) continue
  const options = { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }
  await writeFile(`${path}.br`, brotliCompressSync(content, options))
  await writeFile(`${path}.gz`, gzipSync(content, { level: 9 }))
}
