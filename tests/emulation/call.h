// SPDX-License-Identifier: Apache-2.0
// Behind every kernel: hands it the parameters that the driver would.
template <int... I> struct Numbers {};
template <typename... A, int... I>
void unpack(void (*function)(A...), void** parameters, Numbers<I...>) {
  function(*(A*)parameters[I]...);
}
template <typename... A> void call(void (*function)(A...), void** parameters) {
  unpack(function, parameters, Numbers<__integer_pack(sizeof...(A))...>{});
}
extern "C" void emulated_entry(void** parameters) { call(kernel, parameters); }
