// A WASI reactor: its constructor runs in _initialize, before any export is called.
#include <stdio.h>

static int ready = 0;

__attribute__((constructor)) static void make_ready(void) { ready = 40; }

__attribute__((export_name("answer"))) int answer(int more) {
  printf("ready %d\n", ready);
  fflush(stdout);
  return ready + more;
}
