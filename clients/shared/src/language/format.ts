import { language } from './language'

/** The platform's zone: every date and time is said in it, wherever the reader is. */
const ZONE = document.querySelector<HTMLMetaElement>('meta[name="time-zone"]')?.content ?? 'Asia/Shanghai'

const formats = new Map<string, Intl.DateTimeFormat>()

function formatted(instant: Date, options: Intl.DateTimeFormatOptions, zone: string): string {
  const locale = language.value === 'en' ? 'en-GB' : 'zh-CN'
  const key = locale + zone + JSON.stringify(options)
  const format = formats.get(key) ?? new Intl.DateTimeFormat(locale, { ...options, timeZone: zone })
  formats.set(key, format)
  return format.format(instant)
}

/** A calendar date has no zone: it is read as noon of UTC and said in UTC. */
function noon(date: string): Date {
  return new Date(`${date}T12:00:00Z`)
}

/** 11月25日 · 25 Nov */
export function shortDate(date: string): string {
  return formatted(noon(date), { month: 'short', day: 'numeric' }, 'UTC')
}

/** 周三 · Wed */
export function weekday(date: string): string {
  return formatted(noon(date), { weekday: 'short' }, 'UTC')
}

/** 2026年11月25日星期三 · Wednesday 25 November 2026 */
export function longDate(date: string): string {
  return formatted(noon(date), { year: 'numeric', month: 'long', day: 'numeric', weekday: 'long' }, 'UTC')
}

/** 11月25日 15:30 · 25 Nov, 15:30 */
export function dateTime(instant: string): string {
  const options = { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
  return formatted(new Date(instant), options, ZONE)
}

/** 15:30 */
export function clockTime(instant: string): string {
  return formatted(new Date(instant), { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }, ZONE)
}

/** Today's date in the platform's zone, as the graph writes dates. */
export function today(): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE }).format(new Date())
}

/** ¥9.67; whole amounts without a fraction. The amount stays text, so nothing is rounded. */
export function money(amount: string): string {
  return `¥${amount.replace(/\.0+$/, '')}`
}

export function isFree(amount: string): boolean {
  return Number(amount) === 0
}

/** 1:02:03, or 02:03 under an hour. */
export function countdown(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000))
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60].map((each) => String(each).padStart(2, '0'))
  const hours = Math.floor(seconds / 3600)
  return hours ? [hours, ...parts].join(':') : parts.join(':')
}
