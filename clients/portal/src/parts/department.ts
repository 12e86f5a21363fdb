import { useLive } from '@htbooking/shared/graph/live'
import { type Query, useQuery } from '@htbooking/shared/graph/query'
import { computed, type ComputedRef, type Ref, shallowRef, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { DepartmentLive, DepartmentPage } from '../operations/generated/department'
import type { DayFragment, DepartmentPageQuery } from '../operations/generated/types'

interface Department extends Query<DepartmentPageQuery> {
  days: ComputedRef<DayFragment[]>
  /** The day that is looked at. */
  chosen: ComputedRef<DayFragment | undefined>
  choose: (date: string) => void
  /** Whether the numbers are of this moment. */
  live: Ref<boolean>
}

/** A department's calendar, kept up to date; the chosen day stands in the address. */
export function useDepartment(hospital: Ref<string>, code: Ref<string>): Department {
  const route = useRoute()
  const router = useRouter()
  const told = shallowRef<DayFragment[] | null>(null)
  const query = useQuery(DepartmentPage, () =>
    hospital.value && code.value ? { hospital: hospital.value, code: code.value } : null,
  )
  const { connected } = useLive(
    DepartmentLive,
    () => (hospital.value && code.value ? { hospital: hospital.value, code: code.value } : null),
    ({ slotAvailability }) => (told.value = slotAvailability?.days ?? null),
  )
  watch([hospital, code], () => (told.value = null))

  const days = computed(() => told.value ?? query.data.value?.bookableDays?.nodes ?? [])
  const chosen = computed(
    () =>
      days.value.find((day) => day.date === route.query.date) ??
      days.value.find((day) => day.state === 'AVAILABLE') ??
      days.value.find((day) => day.sessionCount > 0) ??
      days.value[0],
  )
  return {
    ...query,
    days,
    chosen,
    choose: (date) => void router.replace({ query: { ...route.query, date } }),
    live: connected,
  }
}
