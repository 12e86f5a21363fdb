// Writes typed operations: `<workspace>/src/operations/*.graphql` → `src/operations/generated/`, before each build and check.
// One module per file of operations, so that a page loads its own documents only; the types are erased by the build.
import { codegen } from '@graphql-codegen/core'
import * as operationTypes from '@graphql-codegen/typescript-operations'
import { buildSchema, Kind, parse, print, validate, visit } from 'graphql'
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const clients = dirname(dirname(fileURLToPath(import.meta.url)))
const workspaces = process.argv.slice(2)
const head = '// Written by `npm run operations` from the .graphql files beside this folder.\n'

const schema = parse(await readFile(join(clients, '..', 'schema', 'schema.graphql'), 'utf8'))
const scalars = { Date: 'string', DateTime: 'string', Decimal: 'string', PushedValue: 'unknown', _Any: 'unknown' }
const federation = parse(
  'directive @link(url: String!, import: [String!]) repeatable on SCHEMA\n' +
    'directive @key(fields: String!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE',
)
const built = buildSchema(print({ ...schema, definitions: [...federation.definitions, ...schema.definitions] }))

for (const workspace of workspaces) await write(join(clients, workspace, 'src', 'operations'))

async function write(folder) {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.graphql')).sort()
  const documents = await Promise.all(
    names.map(async (name) => ({ location: name, document: parse(await readFile(join(folder, name), 'utf8')) })),
  )
  const definitions = documents.flatMap((each) => each.document.definitions)
  const faults = validate(built, { kind: Kind.DOCUMENT, definitions })
  if (faults.length) throw new Error(faults.map((fault) => `${folder}: ${fault.message}`).join('\n'))
  const fragments = new Map(
    definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION).map((each) => [each.name.value, each]),
  )
  const files = new Map()
  const texts = []
  files.set('types.ts', head + (await types(documents)))
  for (const { location, document } of documents) {
    const operations = document.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION)
    if (operations.length) files.set(location.replace('.graphql', '.ts'), head + module(operations, fragments, texts))
  }
  files.set('documents.json', JSON.stringify(texts))
  await put(join(folder, 'generated'), files)
}

async function types(documents) {
  const config = {
    scalars,
    enumType: 'string-literal',
    strictScalars: true,
    skipTypename: true,
    useTypeImports: true,
    inlineFragmentTypes: 'combine',
    defaultScalarType: 'unknown',
  }
  return codegen({
    schema,
    schemaAst: built,
    documents,
    config,
    filename: 'types.ts',
    plugins: [{ operations: {} }],
    pluginMap: { operations: operationTypes },
  })
}

function module(operations, fragments, texts) {
  const names = operations.flatMap((each) => {
    const type = each.name.value + each.operation[0].toUpperCase() + each.operation.slice(1)
    return [type, `${type}Variables`]
  })
  const constants = operations.map((each) => {
    const type = each.name.value + each.operation[0].toUpperCase() + each.operation.slice(1)
    const used = new Set()
    reach(each, fragments, used)
    const text = [each, ...[...used].map((name) => fragments.get(name))]
      .map(print)
      .join('\n')
      .replace(/[\n ]+/g, ' ')
    const id = createHash('sha256').update(text).digest('hex')
    texts.push({ id, name: each.name.value, type: each.operation, body: text })
    return `export const ${each.name.value}: Operation<${type}, ${type}Variables> = {
      name: ${JSON.stringify(each.name.value)},
      id: 'sha256:${id}',
      text: import.meta.env.DEV ? \`${text}\` : undefined }`
  })
  return `import type { Operation } from '@htbooking/shared/graph/operation'
    import type { ${names.join(', ')} } from './types'\n\n${constants.join('\n\n')}`
}

function reach(node, fragments, used) {
  visit(node, {
    FragmentSpread(spread) {
      if (used.has(spread.name.value)) return
      used.add(spread.name.value)
      reach(fragments.get(spread.name.value), fragments, used)
    },
  })
}

async function put(folder, files) {
  await mkdir(folder, { recursive: true })
  for (const name of await readdir(folder)) if (!files.has(name)) await rm(join(folder, name))
  for (const [name, text] of files) {
    // Written only when it differs, so that what watches it is left in peace.
    const present = await readFile(join(folder, name), 'utf8').catch(() => null)
    if (present !== text) await writeFile(join(folder, name), text)
  }
}
