"""The text's matrices, in the order in which data passes.

`vec`, `windows`, `partition` (V), `masks`, `activations`, `pooling` (Ω, T, upv), `correlation`
(z = Hᵀw − θ𝟙, V^(d,d',c+1)), `feedforward`, `risks`, `signals`, `network` (the listings),
`training`; and what other texts need besides: `subsampling`, `normalization`, `connections`.
"""
