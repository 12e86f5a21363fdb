import type { Operation } from './operation'

interface FirstAnswer {
  operation: string
  variables: Record<string, unknown>
  language: string
  data: unknown
}

let kept: FirstAnswer | null | undefined

/** What the page's HTML brought along for this operation, once; later it may be out of date. */
export function takeFirstAnswer<Answer, Variables>(
  operation: Operation<Answer, Variables>,
  variables: Variables,
  language: string,
): Answer | undefined {
  if (kept === undefined) {
    const text = document.getElementById('first-answer')?.textContent
    kept = text ? (JSON.parse(text) as FirstAnswer) : null
  }
  const fits =
    kept?.operation === operation.name &&
    kept.language === language &&
    canonical(kept.variables) === canonical(variables as Record<string, unknown>)
  if (!fits) return undefined
  const data = kept?.data as Answer
  kept = null
  return data
}

/** The variables as text that is equal for equal variables; what is not given does not count. */
export function canonical(variables: Record<string, unknown>): string {
  const given = Object.entries(variables).filter(([, value]) => value !== undefined && value !== null)
  return JSON.stringify(given.sort(([one], [other]) => one.localeCompare(other)))
}
