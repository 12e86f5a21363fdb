import type { OrderState } from '../operations/generated/types'

type Tone = 'good' | 'warm' | 'bad' | 'accent' | 'grey'

const TONES: Record<OrderState, Tone> = {
  PENDING_HOSPITAL: 'warm',
  AWAITING_PAYMENT: 'warm',
  PAID: 'good',
  CHECKED_IN: 'accent',
  COMPLETED: 'grey',
  CANCELLED: 'grey',
  EXPIRED: 'grey',
  REJECTED: 'bad',
  REFUNDING: 'warm',
  REFUNDED: 'grey',
  NO_SHOW: 'bad',
}

export function toneOf(state: OrderState): Tone {
  return TONES[state]
}
