// The C library's width of a character, which Swift's Glibc module does not have.
#ifndef MARTLET_CWIDTH_SHIM_H
#define MARTLET_CWIDTH_SHIM_H

#include <locale.h>
#include <wchar.h>

// <wchar.h> declares it for _XOPEN_SOURCE only, which comes too late where that header has been read
// before, as part of another module.
int wcwidth(wchar_t character);

// The locale's LC_CTYPE, all that a width depends on; NULL where the system has no such locale.
static inline locale_t cw_locale(const char *name) {
  return newlocale(LC_CTYPE_MASK, name, (locale_t)0);
}

// 0, 1 or 2 cells, or -1, in that locale on this thread; in the thread's own if it is NULL.
static inline int cw_cells(int character, locale_t locale) {
  locale_t previous = uselocale(locale);
  int cells = wcwidth((wchar_t)character);
  uselocale(previous);
  return cells;
}

#endif
