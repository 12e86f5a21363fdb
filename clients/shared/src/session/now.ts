import { onScopeDispose, ref, type Ref } from 'vue'

/** The present moment in milliseconds, each second. For countdowns only: what is allowed, the server decides. */
export function useNow(): Ref<number> {
  const now = ref(Date.now())
  const timer = setInterval(() => (now.value = Date.now()), 1000)
  onScopeDispose(() => clearInterval(timer))
  return now
}
