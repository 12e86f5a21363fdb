"""The telephone's side of text messages by itself; `tests/server/test_mobile_sms.py` runs it whole."""
