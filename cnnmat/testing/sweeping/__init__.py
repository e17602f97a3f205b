"""``cnnmat sweep``: thousands of random and boundary geometries, against the truth."""
