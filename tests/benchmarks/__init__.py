"""How fast the layers are, beside PyTorch: ``python -m tests.benchmarks``."""
