// Writes what a built client may ask of the graph: `<client>/dist/persisted-queries.json`, in the form of Apollo's persisted
// query manifests. The server takes these documents by their ids (docs/decisions/009-trusted-documents.md).
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const clients = dirname(dirname(fileURLToPath(import.meta.url)))
const [client, ...libraries] = process.argv.slice(2)
const files = [client, ...libraries].map((each) =>
  join(clients, each, 'src', 'operations', 'generated', 'documents.json'),
)
const operations = (await Promise.all(files.map(async (file) => JSON.parse(await readFile(file, 'utf8'))))).flat()
const names = operations.map((each) => each.name)
const twice = names.find((name, index) => names.indexOf(name) !== index)
if (twice) throw new Error(`Two operations are named ${twice}.`)
const manifest = { format: 'apollo-persisted-query-manifest', version: 1, operations }
await writeFile(join(clients, client, 'dist', 'persisted-queries.json'), JSON.stringify(manifest))
