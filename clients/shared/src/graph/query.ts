import { computed, type ComputedRef, onScopeDispose, ref, shallowRef, type ShallowRef, watch } from 'vue'
import { language } from '../language/language'
import { whoIsSignedIn } from '../session/session'
import { ask } from './ask'
import { type Fault, faultOf } from './fault'
import { canonical, takeFirstAnswer } from './first_answer'
import type { Operation } from './operation'

const MOST_REMEMBERED = 60
const remembered = new Map<string, unknown>()

watch([whoIsSignedIn, language], () => remembered.clear(), { flush: 'sync' })

export interface Query<Answer> {
  /** The answer; an older one while a newer is on its way. */
  data: ShallowRef<Answer | undefined>
  fault: ShallowRef<Fault | null>
  /** Nothing to show yet. */
  loading: ComputedRef<boolean>
  /** Something is on its way. */
  busy: ComputedRef<boolean>
  again: () => Promise<void>
}

/** Ask whenever the variables change, and not while they are null. What was answered before is shown at once meanwhile. */
export function useQuery<Answer, Variables extends Record<string, unknown>>(
  operation: Operation<Answer, Variables>,
  variables: () => Variables | null,
): Query<Answer> {
  const data = shallowRef<Answer>()
  const fault = shallowRef<Fault | null>(null)
  const underWay = ref(0)
  let latest: AbortController | null = null

  async function load(asked: Variables): Promise<void> {
    latest?.abort()
    const mine = new AbortController()
    latest = mine
    const key = operation.name + canonical(asked)
    const first = takeFirstAnswer(operation, asked, language.value)
    if (first !== undefined) {
      remember(key, first)
      data.value = first
      return
    }
    data.value = remembered.get(key) as Answer | undefined
    underWay.value += 1
    fault.value = null
    try {
      const answer = await ask(operation, asked, mine.signal)
      remember(key, answer)
      if (latest === mine) data.value = answer
    } catch (thrown) {
      if (latest === mine) fault.value = faultOf(thrown)
    } finally {
      underWay.value -= 1
    }
  }

  async function again(): Promise<void> {
    const asked = variables()
    if (asked !== null) await load(asked)
  }

  const watched = [() => JSON.stringify(variables()), whoIsSignedIn, language]
  watch(watched, () => void again(), { immediate: true })
  const onOnline = (): void => {
    if (fault.value) void again()
  }
  addEventListener('online', onOnline)
  onScopeDispose(() => {
    removeEventListener('online', onOnline)
    latest?.abort()
    latest = null
  })
  return {
    data,
    fault,
    loading: computed(() => data.value === undefined && fault.value === null && variables() !== null),
    busy: computed(() => underWay.value > 0),
    again,
  }
}

function remember(key: string, answer: unknown): void {
  remembered.delete(key)
  remembered.set(key, answer)
  const oldest = remembered.keys().next().value
  if (remembered.size > MOST_REMEMBERED && oldest !== undefined) remembered.delete(oldest)
}
