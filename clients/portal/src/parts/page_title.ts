import { onScopeDispose, watchEffect } from 'vue'

const NAME = 'HTBooking'

/** What the browser's tab says while the component lives. */
export function usePageTitle(title: () => string | null | undefined): void {
  const stop = watchEffect(() => {
    const given = title()
    document.title = given ? `${given} · ${NAME}` : NAME
  })
  onScopeDispose(stop)
}
