"""Broadcasts: what people write to one account, to a hospital's holders of numbers, or to everybody."""
