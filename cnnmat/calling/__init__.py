"""How somebody's functions and classes are called: found by probing, said, and carried out.

Nothing here knows what a right answer is: what is found, is found by names and by shapes.  The
rooms import nothing but NumPy, for they are used in the process of the functions under test too.
"""
