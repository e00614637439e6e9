# SPDX-License-Identifier: Apache-2.0
"""The code that runs a table of steps on a team of threads, as LLVM IR text.

One walk serves every plan: a run is a Job in memory, a table of (kernel, frame, extent, chunk)
records. The leader is the thread that called `run`; workers join while a job is open. Each step is
cut into chunks that threads claim by compare-and-swap; it is complete when as many chunks are done
as it has, so a worker that is not there is never waited for. Each thread begins with its own part
of the chunks, the same part in every step, so that it finds in its cache what it wrote before; then
it takes what others have left. All counters only grow: round r of a part with n chunks hands out
tickets (r-1)n to rn-1. So nothing is reset between runs, and a worker that comes late from an
earlier round finds nothing to claim and leaves. A step of one chunk is run by the leader without
atomic operations, and workers wait for the leader's progress.

Idle workers spin a little, then sleep on the generation word until the leader publishes a job. Of
sleeping workers the leader wakes two, each of which wakes two more (all at once where the system
cannot count).

Layouts are in 64-bit words; words that different threads write lie on different lines.
"""

from __future__ import annotations

from enum import IntEnum

LINE = 16  # words: two cache lines, as adjacent lines are fetched together


class Control(IntEnum):
    """The words of a team's control block."""

    GENERATION = 0
    JOB = LINE
    STOP = LINE + 1
    SLEEPERS = 2 * LINE
    ACTIVE = 3 * LINE
    WAIT = 4 * LINE
    WAKE = WAIT + 1
    YIELD = WAIT + 2
    CLOCK = WAIT + 3
    SPINS = WAIT + 4
    WORDS = 5 * LINE


class Job(IntEnum):
    """The words of a job."""

    CONTROL = 0
    STEPS = 1
    COUNT = 2
    CONTEXTS = 3
    STATUS = 4
    TIMES = 5
    THREADS = 6
    ROUND = LINE
    PROGRESS = 2 * LINE
    WORDS = 3 * LINE


class Record(IntEnum):
    """The words of a step record.

    COUNTER points at a line that counts completed chunks, behind it a line of claims for each
    thread.
    """

    KERNEL = 0
    FRAME = 1
    EXTENT = 2
    CHUNK = 3
    CHUNKS = 4
    COUNTER = 5
    WORDS = 8


class Context(IntEnum):
    """The words of a worker's context, the kernels' last argument."""

    STATUS = 0
    SCRATCH = 1
    WORKER = 2
    WORDS = LINE


TIME_WORDS = 2  # a timespec, or a performance counter and a gap
SPINS_IDLE = 4000
_SPINS_WAIT = 2000


def walk_text(parking: str, architecture: str) -> str:
    """The LLVM module with the functions `run`, `run_alone`, `work` and `stop`.

    `parking` is the kind of `host.parking()`; `architecture` is `x86_64` or `aarch64`.
    """
    calls = _PARKING[parking].replace("FUTEX", _FUTEX[architecture])
    return "\n".join((_ARCHITECTURES[architecture], calls, _fill(_WALK))) + "\n"


def _fill(text: str) -> str:
    """Replace `$Table.WORD` by the word's byte offset and `$NAME` by its number."""
    for table in (Control, Job, Record, Context):
        for word in table:
            text = text.replace(f"${table.__name__}.{word.name}$", str(8 * word))
    return text.replace("$SPINS$", str(_SPINS_WAIT)).replace("$LINE$", str(8 * LINE))


_FUTEX = {"x86_64": "202", "aarch64": "98"}

_ARCHITECTURES = {
    "x86_64": """
declare void @llvm.x86.sse2.pause()
declare void @llvm.x86.sse.stmxcsr(ptr)
declare void @llvm.x86.sse.ldmxcsr(ptr)
define internal void @pause() nounwind {
  call void @llvm.x86.sse2.pause()
  ret void
}
define internal i64 @default_arithmetic() nounwind {
  %old = alloca i32
  %new = alloca i32
  call void @llvm.x86.sse.stmxcsr(ptr %old)
  store i32 8064, ptr %new
  call void @llvm.x86.sse.ldmxcsr(ptr %new)
  %word = load i32, ptr %old
  %wide = zext i32 %word to i64
  ret i64 %wide
}
define internal void @restore_arithmetic(i64 %wide) nounwind {
  %old = alloca i32
  %word = trunc i64 %wide to i32
  store i32 %word, ptr %old
  call void @llvm.x86.sse.ldmxcsr(ptr %old)
  ret void
}
""",
    "aarch64": """
declare void @llvm.aarch64.hint(i32)
declare i64 @llvm.aarch64.get.fpcr()
declare void @llvm.aarch64.set.fpcr(i64)
define internal void @pause() nounwind {
  call void @llvm.aarch64.hint(i32 1)
  ret void
}
define internal i64 @default_arithmetic() nounwind {
  %old = call i64 @llvm.aarch64.get.fpcr()
  call void @llvm.aarch64.set.fpcr(i64 0)
  ret i64 %old
}
define internal void @restore_arithmetic(i64 %old) nounwind {
  call void @llvm.aarch64.set.fpcr(i64 %old)
  ret void
}
""",
}

_PARKING = {
    "futex": """
define internal void @sleep(ptr %word, i64 %seen, ptr %wait) nounwind {
  %low = trunc i64 %seen to i32
  %r = call i64 (i64, ...) %wait(i64 FUTEX, ptr %word, i32 128, i32 %low, ptr null, ptr null, i32 0)
  ret void
}
define internal void @wake_some(ptr %word, ptr %wake) nounwind {
  %r = call i64 (i64, ...) %wake(i64 FUTEX, ptr %word, i32 129, i32 2, ptr null, ptr null, i32 0)
  ret void
}
define internal void @read_clock(ptr %clock, ptr %time) nounwind {
  %r = call i32 %clock(i32 1, ptr %time)
  ret void
}
""",
    "ulock": """
define internal void @sleep(ptr %word, i64 %seen, ptr %wait) nounwind {
  %low = and i64 %seen, 4294967295
  %r = call i32 %wait(i32 1, ptr %word, i64 %low, i32 0)
  ret void
}
define internal void @wake_some(ptr %word, ptr %wake) nounwind {
  %r = call i32 %wake(i32 257, ptr %word, i64 0)
  ret void
}
define internal void @read_clock(ptr %clock, ptr %time) nounwind {
  %r = call i32 %clock(i32 6, ptr %time)
  ret void
}
""",
    "address": """
define internal void @sleep(ptr %word, i64 %seen, ptr %wait) nounwind {
  %copy = alloca i64
  store i64 %seen, ptr %copy
  %r = call i32 %wait(ptr %word, ptr %copy, i64 4, i32 -1)
  ret void
}
define internal void @wake_some(ptr %word, ptr %wake) nounwind {
  call void %wake(ptr %word)
  ret void
}
define internal void @read_clock(ptr %clock, ptr %time) nounwind {
  %r = call i32 %clock(ptr %time)
  ret void
}
""",
}

_WALK = """
define internal void @relax(ptr %control, i64 %turn) nounwind {
  %long = icmp ugt i64 %turn, $SPINS$
  br i1 %long, label %yield, label %spin
yield:
  %yield.at = getelementptr i8, ptr %control, i64 $Control.YIELD$
  %yield.fn = load ptr, ptr %yield.at
  %r = call i32 %yield.fn()
  ret void
spin:
  call void @pause()
  ret void
}

define internal void @await(ptr %control, ptr %counter, i64 %goal) nounwind {
entry:
  br label %look
look:
  %turn = phi i64 [ 0, %entry ], [ %next, %wait ]
  %seen = load atomic i64, ptr %counter acquire, align 8
  %reached = icmp sge i64 %seen, %goal
  br i1 %reached, label %done, label %wait
wait:
  %next = add i64 %turn, 1
  call void @relax(ptr %control, i64 %next)
  br label %look
done:
  ret void
}

define internal void @share(ptr %job, ptr %step, i64 %round, ptr %context) nounwind {
entry:
  %threads.at = getelementptr i8, ptr %job, i64 $Job.THREADS$
  %threads = load i64, ptr %threads.at
  %worker.at = getelementptr i8, ptr %context, i64 $Context.WORKER$
  %worker = load i64, ptr %worker.at
  %kernel.at = getelementptr i8, ptr %step, i64 $Record.KERNEL$
  %kernel = load ptr, ptr %kernel.at
  %frame.at = getelementptr i8, ptr %step, i64 $Record.FRAME$
  %frame = load ptr, ptr %frame.at
  %extent.at = getelementptr i8, ptr %step, i64 $Record.EXTENT$
  %extent = load i64, ptr %extent.at
  %chunk.at = getelementptr i8, ptr %step, i64 $Record.CHUNK$
  %chunk = load i64, ptr %chunk.at
  %chunks.at = getelementptr i8, ptr %step, i64 $Record.CHUNKS$
  %chunks = load i64, ptr %chunks.at
  %completed.at = getelementptr i8, ptr %step, i64 $Record.COUNTER$
  %completed = load ptr, ptr %completed.at
  br label %visit
visit:
  %visited = phi i64 [ 0, %entry ], [ %visited.next, %leave ]
  %owner.far = add i64 %worker, %visited
  %wraps = icmp uge i64 %owner.far, %threads
  %owner.near = sub i64 %owner.far, %threads
  %owner = select i1 %wraps, i64 %owner.near, i64 %owner.far
  %visited.next = add i64 %visited, 1
  %share.low = mul i64 %owner, %chunks
  %low = udiv i64 %share.low, %threads
  %share.high = add i64 %share.low, %chunks
  %high = udiv i64 %share.high, %threads
  %size = sub i64 %high, %low
  %limit = mul i64 %round, %size
  %first = sub i64 %limit, %size
  %position = add i64 %owner, 1
  %line = mul i64 %position, $LINE$
  %claims = getelementptr i8, ptr %completed, i64 %line
  br label %look
look:
  %ticket = load atomic i64, ptr %claims acquire, align 8
  %left = icmp slt i64 %ticket, %limit
  br i1 %left, label %claim, label %leave
claim:
  %next = add i64 %ticket, 1
  %swap = cmpxchg weak ptr %claims, i64 %ticket, i64 %next acq_rel acquire
  %mine = extractvalue { i64, i1 } %swap, 1
  br i1 %mine, label %work, label %look
work:
  %nth = sub i64 %ticket, %first
  %index = add i64 %low, %nth
  %begin = mul i64 %index, %chunk
  %stop = add i64 %begin, %chunk
  %over = icmp sgt i64 %stop, %extent
  %end = select i1 %over, i64 %extent, i64 %stop
  call void %kernel(ptr %frame, i64 %begin, i64 %end, ptr %context)
  %was = atomicrmw add ptr %completed, i64 1 acq_rel
  br label %look
leave:
  %more = icmp ult i64 %visited.next, %threads
  br i1 %more, label %visit, label %out
out:
  ret void
}

define internal void @alone(ptr %step, ptr %context) nounwind {
  %kernel.at = getelementptr i8, ptr %step, i64 $Record.KERNEL$
  %kernel = load ptr, ptr %kernel.at
  %frame.at = getelementptr i8, ptr %step, i64 $Record.FRAME$
  %frame = load ptr, ptr %frame.at
  %extent.at = getelementptr i8, ptr %step, i64 $Record.EXTENT$
  %extent = load i64, ptr %extent.at
  %empty = icmp sle i64 %extent, 0
  br i1 %empty, label %out, label %work
work:
  call void %kernel(ptr %frame, i64 0, i64 %extent, ptr %context)
  ret void
out:
  ret void
}

define internal void @join(ptr %control, ptr %step, i64 %round) nounwind {
  %chunks.at = getelementptr i8, ptr %step, i64 $Record.CHUNKS$
  %chunks = load i64, ptr %chunks.at
  %counter.at = getelementptr i8, ptr %step, i64 $Record.COUNTER$
  %completed = load ptr, ptr %counter.at
  %goal = mul i64 %round, %chunks
  call void @await(ptr %control, ptr %completed, i64 %goal)
  ret void
}

define internal void @time(ptr %control, ptr %times, i64 %index) nounwind {
  %timed = icmp ne ptr %times, null
  br i1 %timed, label %yes, label %no
yes:
  %clock.at = getelementptr i8, ptr %control, i64 $Control.CLOCK$
  %clock = load ptr, ptr %clock.at
  %entry = getelementptr [2 x i64], ptr %times, i64 %index
  call void @read_clock(ptr %clock, ptr %entry)
  ret void
no:
  ret void
}

define internal void @lead(ptr %control, ptr %job, i64 %round, i1 %shared) nounwind {
entry:
  %steps.at = getelementptr i8, ptr %job, i64 $Job.STEPS$
  %steps = load ptr, ptr %steps.at
  %count.at = getelementptr i8, ptr %job, i64 $Job.COUNT$
  %count = load i64, ptr %count.at
  %contexts.at = getelementptr i8, ptr %job, i64 $Job.CONTEXTS$
  %context = load ptr, ptr %contexts.at
  %times.at = getelementptr i8, ptr %job, i64 $Job.TIMES$
  %times = load ptr, ptr %times.at
  %progress.at = getelementptr i8, ptr %job, i64 $Job.PROGRESS$
  %end = mul i64 %round, %count
  %start = sub i64 %end, %count
  call void @time(ptr %control, ptr %times, i64 0)
  br label %head
head:
  %i = phi i64 [ 0, %entry ], [ %i.next, %next ]
  %more = icmp slt i64 %i, %count
  br i1 %more, label %body, label %out
body:
  %i.next = add i64 %i, 1
  %step.offset = mul i64 %i, $Record.WORDS$
  %step = getelementptr i8, ptr %steps, i64 %step.offset
  %chunks.at = getelementptr i8, ptr %step, i64 $Record.CHUNKS$
  %chunks = load i64, ptr %chunks.at
  %several = icmp sgt i64 %chunks, 1
  %together = and i1 %shared, %several
  br i1 %together, label %team, label %single
team:
  call void @share(ptr %job, ptr %step, i64 %round, ptr %context)
  call void @join(ptr %control, ptr %step, i64 %round)
  br label %mark
single:
  call void @alone(ptr %step, ptr %context)
  br i1 %shared, label %mark, label %next
mark:
  %reached = add i64 %start, %i.next
  store atomic i64 %reached, ptr %progress.at release, align 8
  br label %next
next:
  call void @time(ptr %control, ptr %times, i64 %i.next)
  br label %head
out:
  ret void
}

define internal void @follow(ptr %control, ptr %job, i64 %worker) nounwind {
entry:
  %round.at = getelementptr i8, ptr %job, i64 $Job.ROUND$
  %round = load atomic i64, ptr %round.at acquire, align 8
  %steps.at = getelementptr i8, ptr %job, i64 $Job.STEPS$
  %steps = load ptr, ptr %steps.at
  %count.at = getelementptr i8, ptr %job, i64 $Job.COUNT$
  %count = load i64, ptr %count.at
  %contexts.at = getelementptr i8, ptr %job, i64 $Job.CONTEXTS$
  %contexts = load ptr, ptr %contexts.at
  %context.offset = mul i64 %worker, $Context.WORDS$
  %context = getelementptr i8, ptr %contexts, i64 %context.offset
  %progress.at = getelementptr i8, ptr %job, i64 $Job.PROGRESS$
  %progress = load atomic i64, ptr %progress.at acquire, align 8
  %end = mul i64 %round, %count
  %start = sub i64 %end, %count
  %ahead = sub i64 %progress, %start
  %late = icmp sgt i64 %ahead, 0
  %first = select i1 %late, i64 %ahead, i64 0
  br label %head
head:
  %i = phi i64 [ %first, %entry ], [ %i.next, %next ]
  %more = icmp slt i64 %i, %count
  br i1 %more, label %body, label %out
body:
  %i.next = add i64 %i, 1
  %step.offset = mul i64 %i, $Record.WORDS$
  %step = getelementptr i8, ptr %steps, i64 %step.offset
  %chunks.at = getelementptr i8, ptr %step, i64 $Record.CHUNKS$
  %chunks = load i64, ptr %chunks.at
  %several = icmp sgt i64 %chunks, 1
  br i1 %several, label %team, label %single
team:
  call void @share(ptr %job, ptr %step, i64 %round, ptr %context)
  call void @join(ptr %control, ptr %step, i64 %round)
  br label %next
single:
  %goal = add i64 %start, %i.next
  call void @await(ptr %control, ptr %progress.at, i64 %goal)
  br label %next
next:
  br label %head
out:
  ret void
}

define internal void @rouse(ptr %control) nounwind {
  %sleepers.at = getelementptr i8, ptr %control, i64 $Control.SLEEPERS$
  %sleepers = load atomic i64, ptr %sleepers.at seq_cst, align 8
  %any = icmp ne i64 %sleepers, 0
  br i1 %any, label %wake, label %out
wake:
  %wake.at = getelementptr i8, ptr %control, i64 $Control.WAKE$
  %wake.fn = load ptr, ptr %wake.at
  call void @wake_some(ptr %control, ptr %wake.fn)
  ret void
out:
  ret void
}

define internal i64 @finish(ptr %job, i64 %arithmetic) nounwind {
  call void @restore_arithmetic(i64 %arithmetic)
  %status.at = getelementptr i8, ptr %job, i64 $Job.STATUS$
  %status = load ptr, ptr %status.at
  %code = load atomic i64, ptr %status acquire, align 8
  ret i64 %code
}

define i64 @run(ptr %job) nounwind {
  %arithmetic = call i64 @default_arithmetic()
  %control.at = getelementptr i8, ptr %job, i64 $Job.CONTROL$
  %control = load ptr, ptr %control.at
  %round.at = getelementptr i8, ptr %job, i64 $Job.ROUND$
  %last = load i64, ptr %round.at
  %round = add i64 %last, 1
  store atomic i64 %round, ptr %round.at release, align 8
  %open.at = getelementptr i8, ptr %control, i64 $Control.JOB$
  store atomic ptr %job, ptr %open.at seq_cst, align 8
  %generation = atomicrmw add ptr %control, i64 1 seq_cst
  call void @rouse(ptr %control)
  call void @lead(ptr %control, ptr %job, i64 %round, i1 true)
  store atomic ptr null, ptr %open.at seq_cst, align 8
  %code = call i64 @finish(ptr %job, i64 %arithmetic)
  ret i64 %code
}

define i64 @run_alone(ptr %job) nounwind {
  %arithmetic = call i64 @default_arithmetic()
  %control.at = getelementptr i8, ptr %job, i64 $Job.CONTROL$
  %control = load ptr, ptr %control.at
  call void @lead(ptr %control, ptr %job, i64 0, i1 false)
  %code = call i64 @finish(ptr %job, i64 %arithmetic)
  ret i64 %code
}

define void @stop(ptr %control) nounwind {
  %stop.at = getelementptr i8, ptr %control, i64 $Control.STOP$
  store atomic i64 1, ptr %stop.at seq_cst, align 8
  %generation = atomicrmw add ptr %control, i64 1 seq_cst
  call void @rouse(ptr %control)
  ret void
}

define void @work(ptr %control, i64 %worker) nounwind {
entry:
  %arithmetic = call i64 @default_arithmetic()
  %stop.at = getelementptr i8, ptr %control, i64 $Control.STOP$
  %open.at = getelementptr i8, ptr %control, i64 $Control.JOB$
  %sleepers.at = getelementptr i8, ptr %control, i64 $Control.SLEEPERS$
  %active.at = getelementptr i8, ptr %control, i64 $Control.ACTIVE$
  %wait.at = getelementptr i8, ptr %control, i64 $Control.WAIT$
  %wait = load ptr, ptr %wait.at
  %spins.at = getelementptr i8, ptr %control, i64 $Control.SPINS$
  %spins = load i64, ptr %spins.at
  br label %look
look:
  %last = phi i64 [ 0, %entry ], [ %last, %spin ], [ %last, %slept ], [ %generation, %left ]
  %turn = phi i64 [ 0, %entry ], [ %turn.next, %spin ], [ 0, %slept ], [ 0, %left ]
  %generation = load atomic i64, ptr %control seq_cst, align 8
  %news = icmp ne i64 %generation, %last
  br i1 %news, label %called, label %idle
idle:
  %turn.next = add i64 %turn, 1
  %tired = icmp ugt i64 %turn.next, %spins
  br i1 %tired, label %nap, label %spin
spin:
  call void @pause()
  br label %look
nap:
  %more = atomicrmw add ptr %sleepers.at, i64 1 seq_cst
  call void @sleep(ptr %control, i64 %last, ptr %wait)
  %less = atomicrmw sub ptr %sleepers.at, i64 1 seq_cst
  %now = load atomic i64, ptr %control seq_cst, align 8
  %real = icmp ne i64 %now, %last
  br i1 %real, label %pass, label %slept
pass:
  call void @rouse(ptr %control)
  br label %slept
slept:
  br label %look
called:
  %stop = load atomic i64, ptr %stop.at seq_cst, align 8
  %stopped = icmp ne i64 %stop, 0
  br i1 %stopped, label %out, label %enter
enter:
  %in = atomicrmw add ptr %active.at, i64 1 seq_cst
  %job = load atomic ptr, ptr %open.at seq_cst, align 8
  %open = icmp ne ptr %job, null
  br i1 %open, label %join, label %leave
join:
  call void @follow(ptr %control, ptr %job, i64 %worker)
  br label %leave
leave:
  %gone = atomicrmw sub ptr %active.at, i64 1 seq_cst
  br label %left
left:
  br label %look
out:
  call void @restore_arithmetic(i64 %arithmetic)
  ret void
}
"""
