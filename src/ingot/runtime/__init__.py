# SPDX-License-Identifier: Apache-2.0
"""The runtime: open an engine on a device and run it.

`load` forges an engine and gives a Session; a Session checks inputs, keeps an executable for each
shape and runs it. `preforge` forges into a cache, for devices that are not there.
"""

from ingot.runtime.loading import load
from ingot.runtime.ports import sample_inputs
from ingot.runtime.preforging import Preforged, preforge
from ingot.runtime.profile import Profile, StepProfile
from ingot.runtime.session import Session, Specialize
from ingot.runtime.stats import Stats

__all__ = [
    "Preforged", "Profile", "Session", "Specialize", "Stats", "StepProfile", "load", "preforge",
    "sample_inputs",
]  # fmt: skip
