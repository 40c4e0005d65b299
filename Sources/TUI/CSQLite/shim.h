#include <sqlite3.h>

// SQLITE_TRANSIENT is a cast, which Swift does not import: the bytes are copied before the call
// returns. Nothing at all has no address in Swift, and would be bound as NULL.
static inline int martlet_bind_text(sqlite3_stmt *statement, int index, const char *bytes, int count) {
  return sqlite3_bind_text(statement, index, bytes ? bytes : "", count, SQLITE_TRANSIENT);
}

static inline int martlet_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int count) {
  return sqlite3_bind_blob(statement, index, bytes ? bytes : "", count, SQLITE_TRANSIENT);
}
