/// What the kernel says of the system's clock: 1 when something keeps it right, 0 when nothing does, -1
/// when it does not say. See adjtimex(2).
///
/// In C, as Swift loses `timeval` to the module that includes <sys/timex.h>.
int clock_synchronization(void);
