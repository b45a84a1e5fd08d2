"""What holds for every test: how hypothesis behaves. Fixtures live beside the tests they serve."""

from __future__ import annotations

from hypothesis import settings

# A busy machine is no failure: how long an example takes is for the benchmarks to judge.
settings.register_profile("callwright", deadline=None)
settings.load_profile("callwright")
