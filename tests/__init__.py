"""The tests, and programs that prove the platform at length. Hospitals' own programs are found here, uninstalled."""

import sys
from pathlib import Path

HOSPITAL_PROGRAMS = [str(Path(__file__).parent.parent / "clients" / "hospital" / each) for each in ("sdk", "simulated")]
"""Where they stand; for PYTHONPATH of those that are run."""

sys.path[:0] = [each for each in HOSPITAL_PROGRAMS if each not in sys.path]
