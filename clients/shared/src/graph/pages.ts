import { computed, type ComputedRef, type Ref, ref, shallowRef, type ShallowRef, watch } from 'vue'
import { ask } from './ask'
import { type Fault, faultOf } from './fault'
import type { Operation } from './operation'
import { type Query, useQuery } from './query'

interface Connection<Item> {
  totalCount?: number
  nodes: Item[]
  pageInfo: { hasNextPage: boolean; endCursor?: string | null }
}

export interface Pages<Answer, Item> extends Query<Answer> {
  /** Those of all the pages so far. */
  items: ComputedRef<Item[]>
  total: ComputedRef<number | undefined>
  hasMore: ComputedRef<boolean>
  more: () => Promise<void>
  moreFault: ShallowRef<Fault | null>
  loadingMore: Ref<boolean>
}

/** A list that is asked for page after page; other variables begin it anew. */
export function usePages<Answer, Variables extends Record<string, unknown>, Item>(
  operation: Operation<Answer, Variables>,
  variables: () => Variables | null,
  listIn: (answer: Answer) => Connection<Item> | null | undefined,
): Pages<Answer, Item> {
  const query = useQuery(operation, variables)
  const further = shallowRef<Connection<Item>[]>([])
  const moreFault = shallowRef<Fault | null>(null)
  const loadingMore = ref(false)
  watch(query.data, () => (further.value = []))

  const first = computed(() => (query.data.value === undefined ? null : listIn(query.data.value)))
  const last = computed(() => further.value.at(-1) ?? first.value)

  async function more(): Promise<void> {
    const beganWith = query.data.value
    const asked = variables()
    if (asked === null || loadingMore.value) return
    loadingMore.value = true
    moreFault.value = null
    try {
      const page = listIn(await ask(operation, { ...asked, after: last.value?.pageInfo.endCursor }))
      if (page && query.data.value === beganWith) further.value = [...further.value, page]
    } catch (thrown) {
      moreFault.value = faultOf(thrown)
    } finally {
      loadingMore.value = false
    }
  }

  return {
    ...query,
    items: computed(() => [first.value, ...further.value].flatMap((page) => page?.nodes ?? [])),
    total: computed(() => first.value?.totalCount),
    hasMore: computed(() => last.value?.pageInfo.hasNextPage ?? false),
    more,
    moreFault,
    loadingMore,
  }
}
