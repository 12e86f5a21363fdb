"""Python's garbage collector as suits a process that answers requests."""

import gc

# An answer's objects live as long as its request and are freed by their reference counts; looking for cycles after
# every 700 of them found nothing. Figures: docs/performance.md.
YOUNG_OBJECTS = 50_000


def spare_long_lived_objects() -> None:
    """Leave all that exists now out of every later collection, and collect less often. Once, when all is loaded.

    The graph, its types and all modules never die; looking through them takes 0.15 s each time, within a request.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, *gc.get_threshold()[1:])
