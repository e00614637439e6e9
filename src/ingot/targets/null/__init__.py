# SPDX-License-Identifier: Apache-2.0
"""The null target: compiles and plans like any other, launches nothing."""
