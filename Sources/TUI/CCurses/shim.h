// ncurses as Swift can use it. Macros, variadic functions and global variables do not import; what
// Martlet needs of them is here as functions and constants with the prefix `cc_`.
#ifndef MARTLET_CCURSES_SHIM_H
#define MARTLET_CCURSES_SHIM_H

#define NCURSES_WIDECHAR 1
#include <curses.h>

static const int cc_ok = OK;

static const attr_t cc_a_normal = A_NORMAL;
static const attr_t cc_a_bold = A_BOLD;
static const attr_t cc_a_dim = A_DIM;
static const attr_t cc_a_reverse = A_REVERSE;
static const attr_t cc_a_underline = A_UNDERLINE;

// Unlike initscr, which ends the process when it does not know the terminal.
static inline SCREEN *cc_newterm(void) { return newterm(NULL, stdout, stdin); }

static inline WINDOW *cc_stdscr(void) { return stdscr; }
static inline int cc_colours(void) { return COLORS; }

// setcchar takes a 16-bit pair; the whole number goes through the options.
static inline int cc_setcchar(cchar_t *cell, const wchar_t *text, attr_t attributes, int pair) {
  return setcchar(cell, text, attributes, (short)pair, &pair);
}

// Draws n cells of one row without wrapping at the edge.
static inline int cc_put(int row, int column, const cchar_t *cells, int n) {
  return mvwadd_wchnstr(stdscr, row, column, cells, n);
}

// Which capability of the terminal; NULL when it has none (tigetstr says -1 for what is no string).
static inline const char *cc_capability(const char *name) {
  char *value = tigetstr((char *)name);
  return value == (char *)-1 ? NULL : value;
}

#endif
