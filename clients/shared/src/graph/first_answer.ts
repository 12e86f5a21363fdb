import type { Operation } from './operation'

interface FirstAnswer {
  operation: string
  variables: Record<string, unknown>
  language: string
  data: unknown
}

let kept: FirstAnswer[] | undefined

/** What the page's HTML brought along for this operation, once; later it may be out of date. */
export function takeFirstAnswer<Answer, Variables>(
  operation: Operation<Answer, Variables>,
  variables: Variables,
  language: string,
): Answer | undefined {
  if (kept === undefined) {
    const text = document.getElementById('first-answer')?.textContent
    kept = text ? (JSON.parse(text) as FirstAnswer[]) : []
  }
  const found = kept.find(
    (each) =>
      each.operation === operation.name &&
      each.language === language &&
      canonical(each.variables) === canonical(variables as Record<string, unknown>),
  )
  if (!found) return undefined
  kept = kept.filter((each) => each !== found)
  return found.data as Answer
}

/** The variables as text that is equal for equal variables; what is not given does not count. */
export function canonical(variables: Record<string, unknown>): string {
  const given = Object.entries(variables).filter(([, value]) => value !== undefined && value !== null)
  return JSON.stringify(given.sort(([one], [other]) => one.localeCompare(other)))
}
