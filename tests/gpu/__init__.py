# SPDX-License-Identifier: Apache-2.0
"""What only a machine with a GPU can test; `make test-gpu` runs it without pytest or a venv."""
