// libyaml, of which Swift imports everything that is used. No logic.
#ifndef DIST_TRAIN_CYAML_SHIMS_H
#define DIST_TRAIN_CYAML_SHIMS_H
#include <yaml.h>
#endif
