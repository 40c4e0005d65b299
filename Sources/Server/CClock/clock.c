#include "clock.h"

#include <sys/timex.h>

int clock_synchronization(void) {
  struct timex status = {0};
  int state = adjtimex(&status);
  return state < 0 ? -1 : !(status.status & STA_UNSYNC);
}
