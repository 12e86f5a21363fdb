import { useLive } from '@htbooking/shared/graph/live'
import { onScopeDispose, ref } from 'vue'
import { NotificationsLive } from '../operations/generated/notifications'

/** How many notifications the reader has not read; null while that is not known. */
export const unreadCount = ref<number | null>(null)
/** Changes whenever one came or was read, here or on another device. */
export const toldState = ref('')

/** Keep both up to date for as long as the calling component lives, which is there while somebody is signed in. */
export function followUnread(): void {
  useLive(
    NotificationsLive,
    () => ({}),
    ({ myNotifications }) => {
      unreadCount.value = myNotifications.unreadCount
      toldState.value = myNotifications.latest.map((each) => each.id + (each.readAt ?? '')).join()
    },
  )
  onScopeDispose(() => {
    unreadCount.value = null
    toldState.value = ''
  })
}
