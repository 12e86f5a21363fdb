import type { OrderFactsFragment } from '../operations/generated/types'

/** Where the hospital gives no time, the visit is somewhere in the half-day's hours. */
const HALF_DAY_HOURS = 4
const HOUR_MS = 3_600_000
const REMIND_BEFORE = '-PT2H'
const LONGEST_LINE_BYTES = 75

/** The visit as an iCalendar file (RFC 5545), made here: nobody else learns of it. */
export function calendarFile(order: OrderFactsFragment, summary: string, description: string): Blob {
  const closes = new Date(order.checkInCloses)
  const begins = order.fetchTime ? new Date(order.fetchTime) : new Date(closes.getTime() - HALF_DAY_HOURS * HOUR_MS)
  const ends = order.fetchTime ? new Date(begins.getTime() + HOUR_MS) : closes
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//HTBooking//portal//ZH',
    'BEGIN:VEVENT',
    `UID:${order.orderNumber}@htbooking`,
    `DTSTAMP:${instant(new Date())}`,
    `DTSTART:${instant(begins)}`,
    `DTEND:${instant(ends)}`,
    `SUMMARY:${text(summary)}`,
    `LOCATION:${text([order.hospitalName, order.hospitalAddress, order.fetchAddress].filter(Boolean).join(' '))}`,
    `DESCRIPTION:${text(description)}`,
    'BEGIN:VALARM',
    'ACTION:DISPLAY',
    `DESCRIPTION:${text(summary)}`,
    `TRIGGER:${REMIND_BEFORE}`,
    'END:VALARM',
    'END:VEVENT',
    'END:VCALENDAR',
  ]
  return new Blob([lines.map(folded).join('\r\n') + '\r\n'], { type: 'text/calendar;charset=utf-8' })
}

function instant(moment: Date): string {
  return moment.toISOString().replace(/[-:]|\.\d+/g, '')
}

function text(value: string): string {
  return value.replace(/[\\;,]/g, '\\$&').replace(/\n/g, '\\n')
}

/** Lines are at most 75 bytes; the rest goes on behind a space, and no character is cut. */
function folded(line: string): string {
  const parts: string[] = []
  let part = ''
  for (const character of line) {
    if (new TextEncoder().encode(part + character).length > LONGEST_LINE_BYTES - 1) {
      parts.push(part)
      part = ''
    }
    part += character
  }
  return [...parts, part].join('\r\n ')
}
