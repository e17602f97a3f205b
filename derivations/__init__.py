"""The lectures, claim by claim."""

#: The lectures that ship, by slug; each is a module or package of this one.
LECTURES = ("sayed", "mendez", "lec14", "martinez")
