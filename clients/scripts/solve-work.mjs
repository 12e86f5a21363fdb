// Solves challenges of `WorkNeeded` (docs/proof-of-work.md) and prints a nonce for each.
//   node scripts/solve-work.mjs <challenge> <difficulty> …
import { solve } from '../shared/src/proof-of-work.ts'

const asked = process.argv.slice(2)
if (asked.length === 0 || asked.length % 2 === 1) {
  console.error('usage: node scripts/solve-work.mjs <challenge> <difficulty> …')
  process.exit(2)
}
for (let place = 0; place < asked.length; place += 2) {
  console.log(await solve(asked[place], Number(asked[place + 1])))
}
