# SPDX-License-Identifier: Apache-2.0
"""Device functions that kernels call, each printed only into the kernels that use it.

There is no `#include`: the compiler's own mathematics, inline PTX for what C++ has no name for, and
these few lines are all that a kernel consists of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ingot.spec import DeviceSpec
from ingot.targets.cuda import minifloat

_DEVICE: Final = "static __device__ __forceinline__ "

# What a helper calls itself must stand before it.
_HELPERS: Mapping[str, str] = {
    "Vec": """\
template <typename T, int N> struct __align__(sizeof(T) * N) Vec { T at[N]; };""",
    "bits_as": """\
template <typename To, typename From>
static __device__ __forceinline__ To bits_as(From value) {
  union { From from; To to; } both;
  both.from = value;
  return both.to;
}""",
    "fault": """\
static __device__ __noinline__ void fault(
    unsigned long long* status, int step, int code, long long value) {
  if (atomicCAS(status, 0ULL, (unsigned long long)code) == 0ULL) {
    status[1] = (unsigned long long)step;
    status[2] = (unsigned long long)value;
  }
}""",
    "dependency_wait": _DEVICE
    + """void dependency_wait() {
  asm volatile("griddepcontrol.wait;" ::: "memory");
}""",
    "launch_dependents": _DEVICE
    + """void launch_dependents() {
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
}""",
    "from_half": _DEVICE
    + """float from_half(unsigned short bits) {
  float value;
  asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
  return value;
}""",
    "to_half": _DEVICE
    + """unsigned short to_half(float value) {
  unsigned short bits;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value));
  return bits;
}
static __device__ __forceinline__ unsigned short to_half(double value) {
  unsigned short bits;
  asm("cvt.rn.f16.f64 %0, %1;" : "=h"(bits) : "d"(value));
  return bits;
}""",
    "from_bfloat": _DEVICE
    + """float from_bfloat(unsigned short bits) {
  return __uint_as_float((unsigned int)bits << 16);
}""",
    "to_bfloat": _DEVICE
    + """unsigned short to_bfloat(float value) {
  unsigned int bits = __float_as_uint(value);
  if (value != value) return (unsigned short)(bits >> 16 | 0x40u);
  return (unsigned short)((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}""",
    "to_bfloat.native": _DEVICE
    + """unsigned short to_bfloat(float value) {
  unsigned short bits;
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(bits) : "f"(value));
  return bits;
}""",
    "maximum": """\
template <typename T> static __device__ __forceinline__ T maximum(T a, T b) {
  return a != a || a > b ? a : b;
}""",
    "minimum": """\
template <typename T> static __device__ __forceinline__ T minimum(T a, T b) {
  return a != a || a < b ? a : b;
}""",
    "maximum.native": _DEVICE
    + """float maximum(float a, float b) {
  float value;
  asm("max.NaN.f32 %0, %1, %2;" : "=f"(value) : "f"(a), "f"(b));
  return value;
}
static __device__ __forceinline__ double maximum(double a, double b) {
  return a != a || a > b ? a : b;
}""",
    "minimum.native": _DEVICE
    + """float minimum(float a, float b) {
  float value;
  asm("min.NaN.f32 %0, %1, %2;" : "=f"(value) : "f"(a), "f"(b));
  return value;
}
static __device__ __forceinline__ double minimum(double a, double b) {
  return a != a || a < b ? a : b;
}""",
    "sign": """\
template <typename T> static __device__ __forceinline__ T sign(T x) {
  return x != x ? x : (T)((x > (T)0) - (x < (T)0));
}""",
    "float_floor_mod": _DEVICE
    + """float float_floor_mod(float a, float b) {
  float rest = fmodf(a, b);
  return rest != 0.0f && (rest < 0.0f) != (b < 0.0f) ? rest + b : rest;
}
static __device__ __forceinline__ double float_floor_mod(double a, double b) {
  double rest = fmod(a, b);
  return rest != 0.0 && (rest < 0.0) != (b < 0.0) ? rest + b : rest;
}""",
    "quotient": """\
template <typename T> static __device__ __forceinline__ T quotient(T a, T b) {
  if (b == (T)0) return (T)0;
  if ((T)-1 < (T)0 && b == (T)-1) return (T)(0ULL - (unsigned long long)a);
  return (T)(a / b);
}""",
    "remainder_of": """\
template <typename T> static __device__ __forceinline__ T remainder_of(T a, T b) {
  if (b == (T)0 || ((T)-1 < (T)0 && b == (T)-1)) return (T)0;
  return (T)(a % b);
}""",
    "floor_quotient": """\
template <typename T> static __device__ __forceinline__ T floor_quotient(T a, T b) {
  T q = quotient(a, b), rest = remainder_of(a, b);
  return rest != (T)0 && (rest < (T)0) != (b < (T)0) ? (T)(q - (T)1) : q;
}""",
    "floor_remainder": """\
template <typename T> static __device__ __forceinline__ T floor_remainder(T a, T b) {
  T rest = remainder_of(a, b);
  return rest != (T)0 && (rest < (T)0) != (b < (T)0) ? (T)(rest + b) : rest;
}""",
    "integer_power": """\
template <typename T> static __device__ __forceinline__ T integer_power(T base, T exponent) {
  if (exponent < (T)0)
    return base == (T)1 ? (T)1 : base == (T)-1 ? (T)(exponent & (T)1 ? -1 : 1) : (T)0;
  unsigned long long result = 1, square = (unsigned long long)base;
  for (unsigned long long rest = (unsigned long long)exponent; rest; rest >>= 1) {
    if (rest & 1) result *= square;
    square *= square;
  }
  return (T)result;
}""",
    "shift_left": """\
template <typename T> static __device__ __forceinline__ T shift_left(T value, T amount) {
  return amount >= (T)0 && amount < (T)(8 * sizeof(T))
      ? (T)((unsigned long long)value << (int)amount) : (T)0;
}""",
    "shift_right": """\
template <typename T> static __device__ __forceinline__ T shift_right(T value, T amount) {
  if (amount >= (T)0 && amount < (T)(8 * sizeof(T))) return (T)(value >> (int)amount);
  return value < (T)0 ? (T)-1 : (T)0;
}""",
    "saturate": """\
template <typename T, typename F>
static __device__ __forceinline__ T saturate(F value, F low, F high, T least, T most) {
  return value != value ? (T)0 : value <= low ? least : value >= high ? most : (T)value;
}""",
    "shuffle": """\
template <typename T> static __device__ __forceinline__ T shuffle(T value, int distance) {
  if constexpr (sizeof(T) < 4) return (T)__shfl_xor_sync(0xffffffffu, (int)value, distance);
  else return __shfl_xor_sync(0xffffffffu, value, distance);
}""",
    **minifloat.HELPERS,
}
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "floor_quotient": ("quotient", "remainder_of"),
    "floor_remainder": ("remainder_of",),
}
# A helper with an instruction of its own on devices with the feature.
_NATIVE: Mapping[str, str] = {
    "to_bfloat": "bfloat16",
    "maximum": "bfloat16",
    "minimum": "bfloat16",
}


def helpers(names: Iterable[str], spec: DeviceSpec) -> list[str]:
    """The texts of the named helpers and of those that they need, in a fixed order."""
    wanted = set(names)
    for name in tuple(wanted):
        wanted.update(_NEEDS.get(name, ()))
    return [_text(name, spec) for name in _HELPERS if name in wanted]


def _text(name: str, spec: DeviceSpec) -> str:
    native = _NATIVE.get(name) in spec.features
    return _HELPERS[f"{name}.native" if native else name]
