"""Long computations in a thread, without holding up the event loop."""

from __future__ import annotations

import time

SLICE_S = 0.0005
"""How long a worker thread computes before it lets the event loop have the interpreter."""
REST_S = 0.00005


class Pacer:
    """Gives up the interpreter every half millisecond.

    Without it a thread keeps the interpreter for five milliseconds whenever another waits for it.
    """

    def __init__(self) -> None:
        self._slice_end = time.perf_counter() + SLICE_S

    def __call__(self) -> None:
        """Rest if the slice is used up."""
        if time.perf_counter() > self._slice_end:
            time.sleep(REST_S)
            self._slice_end = time.perf_counter() + SLICE_S


def no_pause() -> None:
    """Go on at once: for what is so short that it runs on the event loop itself."""
