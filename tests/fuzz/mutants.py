# SPDX-License-Identifier: Apache-2.0
"""Mutated models, by the thousand: each ends in one of our errors or in the right result.

    python -m tests.fuzz.mutants SEED COUNT

Seeds are the cases of the ONNX backend suite and a few larger models; mutants are damaged in their
bytes or, as valid protobuf, in their structure. What can be cast is run by definition and on the
CPU, which must agree; a run may take two seconds, so that a loop without end is an error like any.
Runs as a process of its own, so that a crash, a hang of ten seconds or memory beyond the limit
(four times the file and 512 MB) is told apart from an error; the number of the mutant is printed
before it is tried, so the last line names the one that took the process down.
"""

from __future__ import annotations

import random
import resource
import signal
import sys
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import AttributeProto, TensorProto, helper, numpy_helper
from tests.conformance.cases import Light, cases
from tests.fuzz.seeds import SEEDS

import ingot
from ingot.dims import evaluate
from ingot.engine import Engine
from ingot.errors import IngotError, InputError
from ingot.runtime import sample_inputs

SECONDS = 10
TIME_LIMIT = 2
KNOWN_CAUSES = (IngotError, OSError)
SPARE = 512 << 20
ROUGH = 3e-2
MOST_ELEMENTS = 1 << 20
LARGEST_SEED = 40_000
NUMBERS = (-(1 << 63), -(1 << 31), -3, -1, 0, 1, 2, 3, 7, 100, 1 << 20, 1 << 31, (1 << 63) - 1)
FLOATS = (0.0, -1.0, 0.5, 1e30, float("nan"), float("inf"))
OPERATORS = (
    "", "Attention", "BatchNormalization", "Cast", "Concat", "Constant", "ConstantOfShape", "Conv",
    "Einsum", "Expand", "GridSample", "Identity", "If", "LSTM", "Loop", "NonZero", "Pad",
    "QuantizeLinear", "Range", "Resize", "Scan", "SequenceAt", "Slice", "Split", "Tile", "TopK",
)  # fmt: skip


def seeds() -> list[bytes]:
    """Small models with every operator in them."""
    suite = [case.model for case in cases().values() if not isinstance(case, Light)]
    data = [model.SerializeToString() for model in suite]
    return [*SEEDS * 40, *(item for item in data if len(item) <= LARGEST_SEED)]


def mutant(corpus: Sequence[bytes], number: int) -> bytes:
    """The mutant of this number, the same at every call."""
    rng = random.Random(number)
    data = rng.choice(corpus)
    if rng.random() < 0.3:
        return damaged(data, rng)
    model = onnx.ModelProto.FromString(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        rng.choice(CHANGES)(model, rng)
    return model.SerializeToString()


def damaged(data: bytes, rng: random.Random) -> bytes:
    """Bytes flipped, cut off, moved or doubled."""
    kind = rng.randrange(4)
    start, stop = sorted(rng.randrange(len(data)) for _ in range(2))
    if kind == 0:
        return data[:start]
    if kind == 1:
        return data[:start] + data[stop:]
    if kind == 2:
        return data[:stop] + data[start:]
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5, 20))):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def graphs(graph: onnx.GraphProto) -> list[onnx.GraphProto]:
    """A graph and those nested in it."""
    inner = [a.g for node in graph.node for a in node.attribute if a.HasField("g")]
    return [graph, *(deep for g in inner for deep in graphs(g))]


def some_graph(model: onnx.ModelProto, rng: random.Random) -> onnx.GraphProto:
    return rng.choice(graphs(model.graph))


def some_node(model: onnx.ModelProto, rng: random.Random) -> onnx.NodeProto:
    found = some_graph(model, rng).node or model.graph.node
    return rng.choice(found) if found else onnx.NodeProto()


def names(model: onnx.ModelProto) -> list[str]:
    nodes = [node for graph in graphs(model.graph) for node in graph.node]
    inputs = [value.name for value in model.graph.input]
    return ["", "ghost", *inputs, *(name for n in nodes for name in (*n.input, *n.output))]


def swap_input(model: onnx.ModelProto, rng: random.Random) -> None:
    node = some_node(model, rng)
    if node.input:
        node.input[rng.randrange(len(node.input))] = rng.choice(names(model))


def add_input(model: onnx.ModelProto, rng: random.Random) -> None:
    some_node(model, rng).input.append(rng.choice(names(model)))


def swap_output(model: onnx.ModelProto, rng: random.Random) -> None:
    node = some_node(model, rng)
    if node.output:
        node.output[rng.randrange(len(node.output))] = rng.choice(names(model))


def swap_operator(model: onnx.ModelProto, rng: random.Random) -> None:
    others = [node.op_type for graph in graphs(model.graph) for node in graph.node]
    some_node(model, rng).op_type = rng.choice((*OPERATORS, *others))


def change_attribute(model: onnx.ModelProto, rng: random.Random) -> None:
    node = some_node(model, rng)
    if not node.attribute:
        return
    attribute = rng.choice(node.attribute)
    kind = attribute.type if rng.random() < 0.8 else rng.choice((1, 2, 3, 4, 5, 6, 7, 8, 11, 14))
    attribute.type = kind
    if kind == AttributeProto.INT:
        attribute.i = rng.choice(NUMBERS)
    elif kind == AttributeProto.FLOAT:
        attribute.f = rng.choice(FLOATS)
    elif kind == AttributeProto.STRING:
        attribute.s = rng.choice((b"", b"linear", b"SAME_UPPER", b"\xff", b"constant"))
    elif kind == AttributeProto.INTS and attribute.ints:
        attribute.ints[rng.randrange(len(attribute.ints))] = rng.choice(NUMBERS)
    elif kind == AttributeProto.INTS:
        attribute.ints.append(rng.choice(NUMBERS))
    elif kind == AttributeProto.TENSOR:
        change_tensor(attribute.t, rng)


def drop_attribute(model: onnx.ModelProto, rng: random.Random) -> None:
    node = some_node(model, rng)
    if node.attribute:
        del node.attribute[rng.randrange(len(node.attribute))]


def add_attribute(model: onnx.ModelProto, rng: random.Random) -> None:
    name = rng.choice(("axis", "axes", "keepdims", "mode", "alpha", "group", "to", "pads"))
    value = rng.choice((rng.choice(NUMBERS), rng.choice(FLOATS), "linear", [1, -1], [0]))
    some_node(model, rng).attribute.append(helper.make_attribute(name, value))


def change_tensor(tensor: TensorProto, rng: random.Random) -> None:
    kind = rng.randrange(4)
    if kind == 0:
        tensor.dims[:] = [rng.choice(NUMBERS) for _ in range(rng.randrange(4))]
    elif kind == 1:
        tensor.data_type = rng.randrange(32)
    elif kind == 2:
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=rng.choice(("../x", "/etc/passwd", "x")))
    elif tensor.data_type == TensorProto.INT64:
        shape = tuple(tensor.dims)
        values = [rng.choice(NUMBERS) for _ in range(int(np.prod(shape)))]
        if len(values) < 100:
            array = np.array(values, np.int64).reshape(shape)
            tensor.CopyFrom(numpy_helper.from_array(array, tensor.name))


def change_initializer(model: onnx.ModelProto, rng: random.Random) -> None:
    found = [tensor for graph in graphs(model.graph) for tensor in graph.initializer]
    if found:
        change_tensor(rng.choice(found), rng)


def fix_input(model: onnx.ModelProto, rng: random.Random) -> None:
    """Make a small input a stored tensor, so that what it says is known while reading."""
    for value in model.graph.input:
        type_ = value.type.tensor_type
        if type_.elem_type == TensorProto.INT64 and len(type_.shape.dim) <= 1:
            count = type_.shape.dim[0].dim_value if type_.shape.dim else 1
            small = (0, 1, 2, 3, -1, rng.choice(NUMBERS))
            values = np.array([rng.choice(small) for _ in range(min(count, 8))], np.int64)
            shape = [len(values)] if type_.shape.dim else []
            tensor = numpy_helper.from_array(values[: max(1, len(values))].reshape(shape))
            tensor.name = value.name
            model.graph.initializer.append(tensor)
            return


def change_shape(model: onnx.ModelProto, rng: random.Random) -> None:
    values = [v for graph in graphs(model.graph) for v in (*graph.input, *graph.output)]
    if not values:
        return
    shape = rng.choice(values).type.tensor_type.shape
    kind = rng.randrange(4)
    if kind == 0:
        shape.dim.add(dim_value=rng.choice((0, 1, 2, 3, -1, 1 << 40)))
    elif kind == 1 and shape.dim:
        del shape.dim[-1]
    elif shape.dim:
        dim = rng.choice(shape.dim)
        dim.Clear()
        if kind == 2:
            dim.dim_param = rng.choice(("n", "batch", "n*n", "2*n+1", "", "n/0", "a b"))
        else:
            dim.dim_value = rng.choice((0, 1, 2, 3, 17, 1 << 40))


def change_type(model: onnx.ModelProto, rng: random.Random) -> None:
    if model.graph.input:
        value = rng.choice(model.graph.input)
        value.type.tensor_type.elem_type = rng.randrange(1, 28)


def change_opset(model: onnx.ModelProto, rng: random.Random) -> None:
    if model.opset_import:
        opset = rng.choice(model.opset_import)
        opset.version = rng.choice((0, 1, 6, 8, 9, 11, 13, 18, 23, 28, 99, -1, 1 << 62))


def double_node(model: onnx.ModelProto, rng: random.Random) -> None:
    """The same node again, reading what it made: a chain that grows."""
    graph = some_graph(model, rng)
    if not graph.node or not graph.output:
        return
    node = rng.choice(graph.node)
    for turn in range(rng.choice((1, 3, 30))):
        copy = onnx.NodeProto.FromString(node.SerializeToString())
        last = graph.output[0].name
        copy.input[:] = [last if turn or rng.random() < 0.7 else name for name in copy.input]
        copy.output[:] = [f"{name}.{turn}.{rng.random()}" for name in copy.output]
        if not copy.output:
            return
        graph.node.append(copy)
        graph.output[0].name = copy.output[0]


def drop_node(model: onnx.ModelProto, rng: random.Random) -> None:
    graph = some_graph(model, rng)
    if graph.node:
        del graph.node[rng.randrange(len(graph.node))]


def nest(model: onnx.ModelProto, rng: random.Random) -> None:
    """The whole graph as the branch of an If, several times over."""
    for depth in range(rng.choice((1, 2, 60))):
        inner = onnx.GraphProto.FromString(model.graph.SerializeToString())
        outputs = [f"{value.name}.{depth}" for value in inner.output]
        del inner.input[:]
        node = helper.make_node("If", [f"condition{depth}"], outputs,
                                then_branch=inner, else_branch=inner)  # fmt: skip
        if inner.ByteSize() > LARGEST_SEED:
            return
        del model.graph.node[:]
        model.graph.node.append(node)
        condition = numpy_helper.from_array(np.array(rng.random() < 0.5), f"condition{depth}")
        model.graph.initializer.append(condition)
        for value, name in zip(model.graph.output, outputs, strict=True):
            value.name = name


def add_function(model: onnx.ModelProto, rng: random.Random) -> None:
    """A function of the operator's name that calls itself, or another one many times."""
    node = some_node(model, rng)
    if not node.input or not node.output:
        return
    depth, width = rng.choice(((1, 1), (40, 1), (8, 10), (40, 2)))
    for level in range(depth):
        last = level == depth - 1
        callee = f"f{0 if last and rng.random() < 0.3 else level + 1}"
        calls = [
            helper.make_node(
                "Neg" if last and callee != "f0" else callee,
                ["x" if turn == 0 else f"t{turn - 1}"],
                ["y" if turn == width - 1 else f"t{turn}"],
                domain="" if last and callee != "f0" else "own",
            )
            for turn in range(width)
        ]
        opsets = [helper.make_opsetid("", 18), helper.make_opsetid("own", 1)]
        model.functions.append(
            helper.make_function("own", f"f{level}", ["x"], ["y"], calls, opsets)
        )
    model.opset_import.append(helper.make_opsetid("own", 1))
    node.op_type, node.domain = "f0", "own"
    del node.attribute[:]


CHANGES: tuple[Callable[[onnx.ModelProto, random.Random], None], ...] = (
    swap_input, swap_input, add_input, swap_output, swap_operator, swap_operator, change_attribute,
    change_attribute, change_attribute, drop_attribute, add_attribute, change_initializer,
    fix_input, fix_input, change_shape, change_shape, change_type, change_opset, double_node,
    drop_node, nest, add_function,
)  # fmt: skip


def tried(data: bytes, number: int) -> str:
    """What becomes of a mutant; raises what is none of our errors, or AssertionError."""
    limit = 4 * len(data) + SPARE
    try:
        engine = ingot.build(data, memory_limit=limit)
        wanted = ran(engine, "reference", limit, number)
        if number % 3 == 0:
            found = ran(engine, "cpu", limit, number)
            same(found, wanted)
    except IngotError as error:
        assert str(error)
        assert error.__cause__ is None or isinstance(error.__cause__, KNOWN_CAUSES), (
            f"{error} hides {error.__cause__!r}"
        )
        return type(error).__name__
    return "result"


def ran(engine: Engine, device: str, limit: int, number: int) -> dict[str, object]:
    """The outputs for random inputs of small sizes."""
    options = {
        "device": device, "specialize": "none", "memory_limit": limit, "time_limit": TIME_LIMIT,
        "threads": 1,
    }  # fmt: skip
    sizes = dict.fromkeys(engine.symbols, 2)
    shapes = {p.name: [evaluate(size, sizes) for size in p.shape] for p in engine.inputs}
    if any(np.prod(shape, dtype=np.float64) > MOST_ELEMENTS for shape in shapes.values()):
        raise InputError("the inputs are too large to try")
    with ingot.load(engine, **options) as session:
        return dict(session.run(sample_inputs(session.inputs, shapes, number)))


def same(found: dict[str, object], wanted: dict[str, object]) -> None:
    """Demand that two targets agree, loosely: a mutant may amplify rounding."""
    assert found.keys() == wanted.keys()
    for name, want in wanted.items():
        got = found[name]
        if not isinstance(got, np.ndarray) or not isinstance(want, np.ndarray):
            continue
        assert (got.shape, got.dtype) == (want.shape, want.dtype), name
        wide, exact = got.astype(np.float64), want.astype(np.float64)
        both = np.isfinite(wide) & np.isfinite(exact)
        size = np.linalg.norm(exact[both]) + 1e-6
        assert np.linalg.norm((wide - exact)[both]) <= ROUGH * size, f"{name}: {got} is not {want}"


def main() -> int:
    """Try the mutants that the command line asks for."""
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    corpus = seeds()
    signal.signal(signal.SIGALRM, _too_slow)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    outcomes: Counter[str] = Counter()
    for number in range(seed, seed + count):
        data = mutant(corpus, number)
        print(f"mutant {number}", flush=True)
        room = used + 4 * len(data) + 2 * SPARE
        resource.setrlimit(resource.RLIMIT_AS, (room, resource.RLIM_INFINITY))
        signal.alarm(SECONDS)
        try:
            outcomes[tried(data, number)] += 1
        except Exception:
            outcomes["wrong"] += 1
            print(f"wrong {number}: {traceback.format_exc()}", flush=True)
        finally:
            signal.alarm(0)
            resource.setrlimit(resource.RLIMIT_AS, (-1, resource.RLIM_INFINITY))
    print(f"outcomes {dict(outcomes)}")
    return 1 if outcomes["wrong"] else 0


def _too_slow(*_: object) -> None:
    raise TimeoutError(f"takes longer than {SECONDS} s")


if __name__ == "__main__":
    sys.exit(main())
