"""Proofs for all sizes as theorems of Coq, for a kernel that shares nothing with this package."""
