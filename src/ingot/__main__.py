# SPDX-License-Identifier: Apache-2.0
"""`python -m ingot`: the command line."""

import sys

from ingot.cli.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
