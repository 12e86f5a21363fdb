import { useLive } from '@htbooking/shared/graph/live'
import { type Query, useQuery } from '@htbooking/shared/graph/query'
import { computed, type ComputedRef, shallowRef, watch } from 'vue'
import { OrderPage, OrdersLive } from '../operations/generated/orders'
import type { OrderFactsFragment, OrderPageQuery } from '../operations/generated/types'

interface OneOrder extends Query<OrderPageQuery> {
  order: ComputedRef<OrderFactsFragment | null>
  /** Show what a mutation answered. */
  put: (changed: OrderFactsFragment) => void
}

/** One of the reader's own orders, kept up to date. */
export function useOrder(id: () => string): OneOrder {
  const query = useQuery(OrderPage, () => ({ id: id() }))
  const newer = shallowRef<OrderFactsFragment | null>(null)
  useLive(
    OrdersLive,
    () => ({}),
    ({ myOrders }) => {
      const told = myOrders.find((each) => each.id === id())
      if (told) newer.value = told
    },
  )
  watch(id, () => (newer.value = null))
  const order = computed(() => {
    const asked = query.data.value?.node
    return newer.value ?? (asked?.__typename === 'Order' ? asked : null)
  })
  return { ...query, order, put: (changed) => (newer.value = changed) }
}
