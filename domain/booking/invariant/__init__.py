"""Whether ledger, orders, waitlist and catalogue agree; what is displayed wrongly is mended, the rest is an alarm."""
