"""The audit log: how an act gets into it, how it is read, and how a broken chain is found."""
