// zlib, of which Swift imports everything that is used but a macro. No logic.
#ifndef DIST_TRAIN_CZLIB_SHIMS_H
#define DIST_TRAIN_CZLIB_SHIMS_H
#include <zlib.h>

// The macro takes version and size of the stream from the header.
static inline int czlib_inflate_init(z_streamp stream, int windowBits) { return inflateInit2(stream, windowBits); }
#endif
