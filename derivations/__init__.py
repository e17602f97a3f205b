"""The lectures, claim by claim."""

#: The lectures that ship, by slug; each is a module or package of this one.
LECTURES = ("sayed", "mendez", "chaurasia", "lec14", "martinez", "layers")
