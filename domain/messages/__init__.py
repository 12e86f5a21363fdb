"""Telling people what happened: the outbox, the words, the channels."""
