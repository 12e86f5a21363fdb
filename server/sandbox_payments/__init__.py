"""WeChat Pay and Alipay for development: true to their wire, with books of their own and a cashier to press buttons at.

No other code of the platform knows that it is not the real ones (docs/payments-sandbox.md).
"""
