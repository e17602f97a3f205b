"""Proofs for all sizes: the shipped text, run on arrays whose shapes are letters."""
