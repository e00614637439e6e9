# SPDX-License-Identifier: Apache-2.0
"""Hand-written LLVM kernels for the tests of the device side."""

from ingot import host
from ingot.dtypes import INT64
from ingot.plan import Buffer, BufferUse, Plan, Port, ScratchUse, SizeUse, Step
from ingot.targets.cpu.image import link
from ingot.targets.cpu.probe import probe
from ingot.targets.cpu.walk import walk_text
from ingot.targets.cpu.worker import Machine, compile_object

WALK = "walk"


def machine() -> Machine:
    spec = probe()
    return Machine(spec.triple, spec.cpu, spec.llvm_features)


def image(text: str, key: str = "kernel") -> bytes:
    return link(key, compile_object(text, machine()))


def walk_image() -> bytes:
    return image(walk_text(host.parking().kind, probe().architecture), WALK)


def loop(body: str, slots: str = "") -> str:
    """A kernel that runs `body` for `%i` from begin to end; slot k of the frame is `%s<k>`."""
    loads = "\n".join(
        f"  %p{k} = getelementptr i64, ptr %frame, i64 {k}\n  %s{k} = load {kind}, ptr %p{k}"
        for k, kind in enumerate(slots.split(), 1)
    )
    return f"""
define void @kernel(ptr %frame, i64 %begin, i64 %end, ptr %context) nounwind {{
entry:
{loads}
  br label %head
head:
  %i = phi i64 [ %begin, %entry ], [ %next, %tail ]
  %more = icmp slt i64 %i, %end
  br i1 %more, label %body, label %out
body:
{body}
  br label %tail
tail:
  %next = add i64 %i, 1
  br label %head
out:
  ret void
}}
"""


# slots: in, out, n: out[i] = 3 * in[i] + in[n - 1 - i]
MIRROR = loop(
    """
  %last = sub i64 %s3, 1
  %j = sub i64 %last, %i
  %x.at = getelementptr i64, ptr %s1, i64 %i
  %x = load i64, ptr %x.at
  %y.at = getelementptr i64, ptr %s1, i64 %j
  %y = load i64, ptr %y.at
  %x3 = mul i64 %x, 3
  %z = add i64 %x3, %y
  %z.at = getelementptr i64, ptr %s2, i64 %i
  store i64 %z, ptr %z.at""",
    "ptr ptr i64",
)

# slots: in, n: the first i with in[i] < 0 or in[i] >= n is fault 1; the value is in[i]
CHECK = loop(
    """
  %x.at = getelementptr i64, ptr %s1, i64 %i
  %x = load i64, ptr %x.at
  %good = icmp ult i64 %x, %s2
  br i1 %good, label %tail, label %bad
bad:
  %status = load ptr, ptr %context
  %swap = cmpxchg ptr %status, i64 0, i64 1 acq_rel monotonic
  %first = extractvalue { i64, i1 } %swap, 1
  br i1 %first, label %report, label %tail
report:
  %step = load i64, ptr %frame
  %step.at = getelementptr i64, ptr %status, i64 1
  store i64 %step, ptr %step.at
  %value.at = getelementptr i64, ptr %status, i64 2
  store i64 %x, ptr %value.at""",
    "ptr i64",
)

# slots: in, out: sums in[0..i] in the worker's scratch, then stores it
SCRATCH = """
define void @kernel(ptr %frame, i64 %begin, i64 %end, ptr %context) nounwind {
entry:
  %in.at = getelementptr i64, ptr %frame, i64 1
  %in = load ptr, ptr %in.at
  %out.at = getelementptr i64, ptr %frame, i64 2
  %out = load ptr, ptr %out.at
  %scratch.at = getelementptr i64, ptr %context, i64 1
  %scratch = load ptr, ptr %scratch.at
  br label %rows
rows:
  %i = phi i64 [ %begin, %entry ], [ %i.next, %row.end ]
  %more = icmp slt i64 %i, %end
  br i1 %more, label %row, label %done
row:
  %i.next = add i64 %i, 1
  store i64 0, ptr %scratch
  br label %sum
sum:
  %j = phi i64 [ 0, %row ], [ %j.next, %sum ]
  %old = load i64, ptr %scratch
  %x.at = getelementptr i64, ptr %in, i64 %j
  %x = load i64, ptr %x.at
  %new = add i64 %old, %x
  store i64 %new, ptr %scratch
  %j.next = add i64 %j, 1
  %again = icmp sle i64 %j.next, %i
  br i1 %again, label %sum, label %row.end
row.end:
  %total = load i64, ptr %scratch
  %y.at = getelementptr i64, ptr %out, i64 %i
  store i64 %total, ptr %y.at
  br label %rows
done:
  ret void
}
"""

# slots: in, out (two floats each): out[i] = in[2i] * in[2i + 1]
PRODUCT = loop(
    """
  %i2 = mul i64 %i, 2
  %x.at = getelementptr float, ptr %s1, i64 %i2
  %x = load float, ptr %x.at
  %i3 = add i64 %i2, 1
  %y.at = getelementptr float, ptr %s1, i64 %i3
  %y = load float, ptr %y.at
  %z = fmul float %x, %y
  %z.at = getelementptr float, ptr %s2, i64 %i
  store float %z, ptr %z.at""",
    "ptr ptr",
)

TEXTS = {"mirror": MIRROR, "check": CHECK, "scratch": SCRATCH, "product": PRODUCT}


def step(number, kernel, *arguments, extent, grain=1, nodes=()) -> Step:
    return Step(f"step{number}", kernel, tuple(arguments), extent, grain, tuple(nodes))


def port(name, shape, buffer=None, dtype=INT64) -> Port:
    return Port(name, dtype, shape, buffer or name)


def plan(inputs, outputs, buffers, steps, setup=(), symbols=None, bound=None) -> Plan:
    return Plan(
        name="test",
        target="cpu",
        spec=probe(),
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        symbols=symbols or {},
        bound=bound or {},
        guards=(),
        buffers={buffer.name: buffer for buffer in buffers},
        setup=tuple(setup),
        steps=tuple(steps),
        sources=TEXTS,
    )


__all__ = ["Buffer", "BufferUse", "ScratchUse", "SizeUse"]
