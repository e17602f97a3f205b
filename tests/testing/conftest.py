import torch

# small arrays: more threads only wait for each other
torch.set_num_threads(1)
