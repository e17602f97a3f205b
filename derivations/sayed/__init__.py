"""Ali H. Sayed's section 47.25, equations (47.1124) to (47.1276)."""

from importlib import import_module

from cnnmat.derivations.sayed.setting import lecture

__all__ = ["lecture"]

# in the order of the text, which is the order of the report
for part in (
    "masks", "flips", "edges", "windows", "partition", "maps", "colours", "pooling", "norms",
    "gradients", "regions", "vectors", "upsampling", "permutations",
    "full_network", "forward", "indices", "notation", "risk", "sensitivities", "boundary",
    "boundary_vectors", "earlier", "spread", "propagation", "derivatives", "summary",
    "listing_batch", "listing_derivatives", "listing_stochastic", "real",
):
    import_module(f"{__name__}.{part}")
