# SPDX-License-Identifier: Apache-2.0
"""TfIdfVectorizer: a pool of token sequences, counted in rows of tokens and weighted."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from ingot.dtypes import FLOAT32
from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.operator import Operator

_MODES = ("TF", "IDF", "TFIDF")


def _tf_idf(call: Call) -> Value:
    if call.given("pool_strings"):
        call.refuse("its pool holds strings", "use a pool of integers")
    mode = call.choice_attribute("mode", "TF", _MODES)
    x = call[0]
    if x.rank not in (1, 2):
        call.fail(f"the input has rank {x.rank}", "it must be a row of tokens, or several")
    rows = x if x.rank == 2 else call.make("reshape", x, shape=(1, x.shape[0]))
    counts = _placed(call, list(_counts(call, rows)), rows)
    width = counts.shape[1]
    weights = np.array(call.floats_attribute("weights", ()) or [1.0] * int(str(width)), np.float32)
    if len(weights) != width:
        call.fail(f"there are {len(weights)} weights for {width} columns", "give one each")
    if mode != "TF":
        if mode == "IDF":
            counts = call.make("minimum", counts, call.constant(1, counts.dtype))
        counts = call.make("cast", counts, to=FLOAT32)
        counts = call.make("mul", counts, call.constant(weights))
    shape = (*x.shape[:-1], width)
    return call.result("cast", call.make("reshape", counts, shape=shape), to=FLOAT32)


def _counts(call: Call, rows: Value) -> Iterator[tuple[Value, int]]:
    """For each length of sequences the counts of the whole pool of it, and the pool's size."""
    pool = np.array(call.ints_attribute("pool_int64s"), np.int64)
    starts = [*call.ints_attribute("ngram_counts"), len(pool)]
    least, most = call.int_attribute("min_gram_length"), call.int_attribute("max_gram_length")
    skips = call.int_attribute("max_skip_count")
    for length, (start, end) in enumerate(itertools.pairwise(starts), 1):
        if not 0 <= start <= end <= len(pool) or (end - start) % length:
            call.fail(f"ngram_counts {starts[:-1]} do not divide the pool", "correct the model")
        size = (end - start) // length
        entries = pool[start:end].reshape(size, length).astype(rows.dtype.numpy)
        if not size:
            continue
        total = call.make("expand", call.constant(np.int64(0)), shape=(rows.shape[0], size))
        furthest = (1 + (skips if length > 1 else 0)) if least <= length <= most else 0
        for distance in range(1, furthest + 1):
            found = call.make("count_ngrams", rows, call.constant(entries), distance=distance)
            total = call.make("add", total, found)
        yield total, size


def _placed(call: Call, counts: list[tuple[Value, int]], rows: Value) -> Value:
    """The counts in the columns that the model gives them, 0 elsewhere."""
    columns = call.ints_attribute("ngram_indexes")
    total = sum(size for _, size in counts)
    if len(columns) != total or len(set(columns)) != total or min(columns, default=0) < 0:
        call.fail(f"ngram_indexes are {len(columns)} for {total} entries", "give each its own")
    nothing = call.make("expand", call.constant(np.int64(0)), shape=(rows.shape[0], 1))
    whole = call.make("concat", *(value for value, _ in counts), nothing, axis=1)
    sources = np.full(max(columns, default=-1) + 1, total)
    sources[list(columns)] = np.arange(total)
    return call.make("gather", whole, call.constant(sources), axis=1)


OPERATORS = (Operator("TfIdfVectorizer", _tf_idf),)
