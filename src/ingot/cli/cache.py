# SPDX-License-Identifier: Apache-2.0
"""`ingot cache`: what forging keeps on disk."""

from __future__ import annotations

import argparse
from pathlib import Path

from ingot.cli.shared import write_json
from ingot.errors import UsageError
from ingot.jit.cache import open_cache


def arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's options."""
    parser.add_argument("--cache-dir", type=Path, help="which cache (default: the user's)")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--clear", action="store_true", help="remove every entry")
    action.add_argument(
        "--prune", type=int, metavar="MB", help="remove what was not used for longest down to MB"
    )
    parser.add_argument("--json", action="store_true", help="report as JSON")


def run(options: argparse.Namespace) -> int:
    """Remove what is to go, then tell what is there."""
    cache = open_cache(options.cache_dir)
    if cache is None:
        raise UsageError("the user's cache directory cannot be used", cure="give --cache-dir")
    removed = 0
    if options.clear:
        removed = len(cache.clear())
    elif options.prune is not None:
        removed = len(cache.prune(options.prune * 1_000_000))
    entries = cache.entries()
    size = sum(entry.bytes for entry in entries)
    if options.json:
        facts = {"directory": str(cache.directory), "entries": len(entries), "bytes": size}
        write_json({**facts, "removed": removed}, None)
    else:
        print(f"{cache.directory}: {len(entries)} entries, {size / 1e6:.1f} MB")
        if removed:
            print(f"removed {removed} entries")
    return 0
