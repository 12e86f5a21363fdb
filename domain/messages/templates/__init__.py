"""The words of messages as administrators change them."""
