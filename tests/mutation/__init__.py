"""Whether what ships can be broken without a claim or a test that notices.

    python -m tests.mutation --seed 1 --count 150 --jobs 2
    python -m tests.mutation --seed 1 --count 40 --package judge --rule all --operators lenient \
        --command "python -m cnnmat verify lec14 --quiet" \
        --command "python -m cnnmat verify --quiet --jobs 2"

`statements` says by rule which statements are arithmetic, `executed` which claims run each of
them, by coverage; `operators` breaks one token of one, `workspace` runs the claims and the tests
on a broken copy, and the command reports what nothing noticed. What survives since it changes no
value is written down in equivalent.txt, each with the reason.

The operators are our own: those of cosmic-ray exchange operators, numbers and comparisons, but
know neither transposes nor the order of arguments, which is where matrix formulas go wrong, and
its sessions run one command for all mutants, where here the claims that execute the line suffice.
"""
