"""The export of one's own data: asked for with a fresh proof, made by the worker, kept for some days."""
