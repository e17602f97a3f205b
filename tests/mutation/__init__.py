"""Which statements are arithmetic, and which claims execute each of them."""
