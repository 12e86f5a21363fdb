// Takes docs/pictures/graphiql.png: GraphiQL of a running platform after a query down to a day's sessions.
// Needs a Chromium, and playwright-core (`npm install playwright-core`) in the folder it is run from:
//   CHROMIUM=/usr/bin/chromium node <this checkout>/docs/pictures/graphiql.mjs http://127.0.0.1:8000
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const { chromium } = createRequire(`${process.cwd()}/`)('playwright-core')

const origin = process.argv[2] ?? 'http://127.0.0.1:8000'
const picture = fileURLToPath(new URL('graphiql.png', import.meta.url))

const dayOf = new Date(Date.now() + 2 * 24 * 3600 * 1000).toISOString().slice(0, 10)
const query = `# 从医院到某一天的号源
query OneHospital {
  hospital(code: "pumch") {
    name
    level { name }
    regionName
    departments(text: "xxgnk", first: 1) {
      nodes {
        name
        bookableDays(first: 2) {
          nodes { date state remaining capacity }
        }
        schedules(date: "${dayOf}", halfDay: AM) {
          doctorName
          doctorTitle
          state
          remaining
          fee { amount }
        }
      }
    }
  }
}
`

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
})
try {
  const page = await browser.newPage({ viewport: { width: 1360, height: 860 }, colorScheme: 'light', locale: 'zh-CN' })
  await page.addInitScript((text) => {
    localStorage.setItem('graphiql:query', text)
    localStorage.setItem('graphiql:theme', 'light')
  }, query)
  await page.goto(`${origin}/graphiql`, { waitUntil: 'networkidle' })
  await page.locator('.graphiql-query-editor .view-line').first().waitFor()
  const answered = page.waitForResponse((response) => response.request().postData()?.includes('OneHospital') ?? false)
  await page.locator('.graphiql-execute-button').click()
  await answered
  await page.locator('.graphiql-response .view-line').nth(20).waitFor()
  // The editors colour their text a moment after they show it.
  await page.waitForTimeout(1500)
  await page.screenshot({ path: picture })
} finally {
  await browser.close()
}
