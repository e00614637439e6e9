# SPDX-License-Identifier: Apache-2.0
"""The command line: one file a verb, all written on the public API."""
