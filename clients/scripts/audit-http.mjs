// Runs every audit of npm `graphql-http` against a server and prints the results as JSON.
//   node scripts/audit-http.mjs http://127.0.0.1:8000/graphql
// Exits with 1 unless each of them, MUST, SHOULD and MAY alike, is "ok".
import { serverAudits } from 'graphql-http'

const url = process.argv[2]
if (!url) {
  console.error('usage: node scripts/audit-http.mjs <url of the GraphQL endpoint>')
  process.exit(2)
}

const results = []
for (const audit of serverAudits({ url })) {
  const result = await audit.fn()
  results.push({
    id: audit.id,
    name: audit.name,
    status: result.status,
    ...(result.status === 'ok' ? {} : { reason: result.reason }),
  })
}
console.log(JSON.stringify(results, null, 2))
process.exitCode = results.every(({ status }) => status === 'ok') ? 0 : 1
