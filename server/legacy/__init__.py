"""The older form protocol, for hospitals that move over. It maps, and calls what the graph's pushes call."""
