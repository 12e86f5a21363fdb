"""Our own pages as a person uses them: in the system's Chromium, driven by Playwright, against the real servers."""
