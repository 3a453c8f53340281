"""Generation of the sample events: Pythia 8, a parametrised detector and the selection.

`environment` needs only the standard library, so that `--help` and wrong options are answered
before anything is installed. The other modules need the packages that it pins.
"""
