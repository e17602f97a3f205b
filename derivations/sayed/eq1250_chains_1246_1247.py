"""The chains (47.1246) and (47.1247), each as a whole."""

import numpy as np

from cnnmat.derivations.sayed.eq1246_1247_earlier_layers import LAYER, next_delta, total, z_by_y
from cnnmat.derivations.sayed.setting import ANY_2, LAYERED, line
from cnnmat.verify import Sides


@line("47.1246", "gradient", "The chain as a whole, from a layer to the one behind",
      r"\delta_n^{(d,c)}(j)\triangleq\frac{\partial\|\gamma_n-y_n\|^2}{\partial z_n^{(d,c)}(j)}="
      r"\sum_{i=1}^{P_{c+1}}\sum_{d'=1}^{D_{c+1}}\frac{\partial\|\gamma_n-y_n"
      r"\|^2}{\partial z_n^{(d',c+1)}(i)}\frac{\partial z_n^{(d',c+1)}(i)}{\partial z_n^{(d,c)}"
      r"(j)}=\sum_{i=1}^{P_{c+1}}\sum_{d'=1}^{D_{c+1}}\delta_n^{(d',c+1)}(i)"
      r"\frac{\partial z_n^{(d',c+1)}(i)}{\partial z_n^{(d,c)}(j)}=\sum_{i=1}^{P_{c+1}}"
      r"\sum_{d'=1}^{D_{c+1}}\delta_n^{(d',c+1)}(i)\frac{\partial z_n^{(d',c+1)}"
      r"(i)}{\partial y_n^{(d,c)}(j)}\frac{\partial y_n^{(d,c)}(j)}{\partial z_n^{(d,c)}(j)}="
      r"\sum_{i=1}^{P_{c+1}}\sum_{d'=1}^{D_{c+1}}\delta_n^{(d',c+1)}(i)"
      r"\frac{\partial z_n^{(d',c+1)}(i)}{\partial y_n^{(d,c)}(j)}f'(z_n^{(d,c)}(j))",
      cases=(*LAYERED, ANY_2),
      covers="for c from 1 to C-1, the earlier layers")
def chain_of_a_layer(s):
    delta, f = next_delta(s), s.f_prime(LAYER)
    first, last = total(delta, s.z_by_z(LAYER)), total(delta, z_by_y(s)) * f
    truth = s.sensitivity(0, LAYER)
    return Sides(truth=(truth, truth), printed=(first, last),
                 wrong={"the units behind in reverse": (first, total(
                     delta[:, ::-1], z_by_y(s)) * f)})


@line("47.1247", "identity", "The chain as a whole: with the sum over the maps and without it",
      r"\frac{\partial z_n^{(d',c+1)}(i)}{\partial y_n^{(d,c)}(j)}=\sum_{d''=1}^{D_c}"
      r"\sum_{p'=1}^{P'_c}\frac{\partial z_n^{(d',c+1)}(i)}{\partial t_n^{(d'',c)}(p')}"
      r"\frac{\partial t_n^{(d'',c)}(p')}{\partial y_n^{(d,c)}(j)}=\sum_{p'=1}^{P'_c}"
      r"\frac{\partial z_n^{(d',c+1)}(i)}{\partial t_n^{(d,c)}(p')}\frac{\partial t_n^{(d,c)}"
      r"(p')}{\partial y_n^{(d,c)}(j)}", cases=(*LAYERED, ANY_2))
def chain_with_and_without(s):
    a, b, maps = s.z_by_t(LAYER), s.t_by_y(LAYER), range(s.D[LAYER])
    own = np.stack([np.tensordot(a[:, :, d], b[d, :, d], 1) for d in maps], axis=2)
    truth = z_by_y(s)
    return Sides(truth=(truth, truth), printed=(np.tensordot(a, b, 2), own),
                 wrong={"the masks' units in reverse": (np.tensordot(a[:, ::-1], b, 2), own)})
