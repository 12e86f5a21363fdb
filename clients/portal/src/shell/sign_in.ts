import { ref } from 'vue'

/** Whether the dialog is asked for. It closes onto the page that it was opened from. */
export const isSignInOpen = ref(false)

export function openSignIn(): void {
  isSignInOpen.value = true
}
