"""The text's matrices, in the order in which data passes.

`vec`, `windows`, `partition` (V), `masks`, `activations`, `regions` (Ω, T), `pooling` (g, upv),
`correlation` (z = Hᵀw − θ𝟙, V^(d,d',c+1)), `images`, `feedforward`, `risks`, `signals`,
`jacobians`, `network` (the listings), `training`; and what other texts need besides:
`subsampling`, `normalization`, `connections`.
"""
