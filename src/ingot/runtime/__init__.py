# SPDX-License-Identifier: Apache-2.0
"""The runtime: open an engine on a device and run it.

`load` forges an engine and gives a Session; a Session checks inputs, keeps an executable for each
shape and runs it.
"""

from ingot.runtime.loading import load
from ingot.runtime.ports import sample_inputs
from ingot.runtime.profile import Profile, StepProfile
from ingot.runtime.session import Session, Specialize
from ingot.runtime.stats import Stats

__all__ = ["Profile", "Session", "Specialize", "Stats", "StepProfile", "load", "sample_inputs"]
