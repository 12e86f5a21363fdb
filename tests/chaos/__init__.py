"""Every process of the platform killed in the middle of a storm of bookings, and what was promised checked afterwards.

`make chaos` runs it on a platform of its own, started as `make up` starts one, and prints what it did.
"""
