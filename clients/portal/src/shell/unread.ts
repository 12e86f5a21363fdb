import { useLive } from '@htbooking/shared/graph/live'
import { me } from '@htbooking/shared/session/session'
import { ref, watch } from 'vue'
import { NotificationsLive } from '../operations/generated/notifications'

/** How many notifications the reader has not read; null while that is not known. */
export const unreadCount = ref<number | null>(null)
/** Changes whenever one came or was read, here or on another device. */
export const toldState = ref('')

/** Keep both up to date for as long as somebody is signed in. Called once, by what is always there. */
export function followUnread(): void {
  useLive(
    NotificationsLive,
    () => (me.value ? {} : null),
    ({ myNotifications }) => {
      unreadCount.value = myNotifications.unreadCount
      toldState.value = myNotifications.latest.map((each) => each.id + (each.readAt ?? '')).join()
    },
  )
  watch(me, (now) => {
    if (now) return
    unreadCount.value = null
    toldState.value = ''
  })
}
