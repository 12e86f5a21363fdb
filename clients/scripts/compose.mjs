// Composes one or more subgraphs with Apollo's own composer, as a federation router would see them.
//   node scripts/compose.mjs ../schema/schema.graphql [name=other.graphql …]
// Exits with 1 and the composer's errors when they don't compose.
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { composeServices } from '@apollo/composition'
import { parse } from 'graphql'

const files = process.argv.slice(2)
if (files.length === 0) {
  console.error('usage: node scripts/compose.mjs <file.graphql or name=file.graphql> …')
  process.exit(2)
}

const services = files.map((argument) => {
  const [name, file] = argument.includes('=') ? argument.split('=', 2) : [basename(argument, '.graphql'), argument]
  return { name, url: `http://${name}.invalid/graphql`, typeDefs: parse(readFileSync(file, 'utf8')) }
})

const { errors, hints, supergraphSdl } = composeServices(services)
for (const hint of hints ?? []) {
  console.error(`hint: ${hint.message}`)
}
if (errors?.length) {
  for (const error of errors) {
    console.error(`error: ${error.message}`)
  }
  process.exit(1)
}
console.log(`${services.length} subgraph(s) compose: ${supergraphSdl.length} characters of supergraph SDL`)
