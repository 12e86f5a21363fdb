"""A hospital's whole life on a running platform, told step by step: `make demo-hospital`."""
