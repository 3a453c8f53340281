"""JAX on one host device per core: the scan of jax_scan inside shard_map, gradients averaged by pmean."""

from functools import partial

import jax
from jax import lax
from jax.sharding import PartitionSpec
from jax_scan import Trainer as OneDevice
from jax_scan import step


class Trainer(OneDevice):
    def compile(self):
        mesh = jax.make_mesh((len(jax.devices()),), ("rank",))
        mean = partial(lax.pmean, axis_name="rank")
        whole, cut = PartitionSpec(), PartitionSpec(None, "rank")
        scan = jax.shard_map(lambda state, events: lax.scan(partial(step, reduce=mean), state, events), mesh=mesh,
                             in_specs=(whole, cut), out_specs=whole, check_vma=False)
        self.events = jax.device_put(self.events, jax.sharding.NamedSharding(mesh, cut))
        self.state = jax.device_put(self.state, jax.sharding.NamedSharding(mesh, whole))
        return jax.jit(scan, donate_argnums=0)
