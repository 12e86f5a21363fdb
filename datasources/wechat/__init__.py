"""WeChat's open platform over its own wire forms."""
