"""``cnnmat grade``: a folder of submissions, by a rubric, each in a process of its own."""
