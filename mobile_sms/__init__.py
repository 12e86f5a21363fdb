"""The telephone's side of text messages: gets them from the platform, hands each to a radio at most once, reports."""

VERSION = "1.0"
