"""The masks of dropout, to be rebuilt in any language: 64-bit and 32-bit unsigned integers that wrap around, and nothing else.

The event at place i (from 0) of the order in which epoch e (from 1) shows the training events has, in hidden layer l (from 1; 0: the
inputs), the 64-bit key

    key = word i of CounterRandom's stream 2^63 + l * 2^32 + e of the run's training.seed

(see CounterRandom in Sources/Numerics). With a its low and b its high 32 bits, unit u (from 0) of the layer has

    h = a + u * 0x9E3779B9
    h = (h ^ (h >> 16)) * 0x21F0AAAD
    h = h ^ b
    h = (h ^ (h >> 15)) * 0x735A2D97            (all modulo 2^32)

and is kept if h >= threshold, where threshold = floor(p * 2^32 + 1/2), at most 2^32 - 1. The probability that is used is
threshold / 2^32; what is kept is multiplied by 1 / (1 - threshold / 2^32), rounded to float32.
"""

import numpy as np

from run import GOLDEN, mix


def stream_key(seed, layer, epoch):
    stream = (1 << 63) + (layer << 32) + epoch
    return mix(mix(np.array([seed], np.uint64) + GOLDEN) + GOLDEN * np.array([stream], np.uint64))


def threshold(probability):
    return min(int(probability * 2.0**32 + 0.5), 2**32 - 1)


def hashes(seed, layer, epoch, places, units):
    """(places, units) of 32-bit words."""
    places = np.asarray(places, np.uint64)
    key = mix(stream_key(seed, layer, epoch) + GOLDEN * (places + np.uint64(1)))
    low, high = (key & np.uint64(0xFFFFFFFF)).astype(np.uint32), (key >> np.uint64(32)).astype(np.uint32)
    h = low[:, None] + np.arange(units, dtype=np.uint32) * np.uint32(0x9E3779B9)
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x21F0AAAD)
    h ^= high[:, None]
    return (h ^ (h >> np.uint32(15))) * np.uint32(0x735A2D97)


def factors(seed, layer, epoch, places, units, probability):
    """What the values of the units are multiplied by, (places, units), float32."""
    limit = threshold(probability)
    scale = np.float32(1 / (1 - limit * 2.0**-32))
    return np.where(hashes(seed, layer, epoch, places, units) >= np.uint32(limit), scale, np.float32(0))
