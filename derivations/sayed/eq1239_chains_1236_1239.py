"""The chains (47.1236), (47.1237) and (47.1239), each as a whole."""

import numpy as np

from cnnmat.derivations.sayed.eq1235_1239_last_layer_entries import chain, column
from cnnmat.derivations.sayed.setting import ANY_2, LAYERED, MEAN, line
from cnnmat.verify import Sides


@line("47.1236", "gradient", "The chain as a whole: from an entry of a map to the nodes of layer 2",
      r"\delta_n^{(d,C)}(j)\triangleq\frac{\partial\|\gamma_n-y_n\|^2}{\partial z_n^{(d,C)}(j)}="
      r"\sum_{k=1}^{n_2}\frac{\partial\|\gamma_n-y_n\|^2}{\partial z_{2,n}(k)}"
      r"\frac{\partial z_{2,n}(k)}{\partial z_n^{(d,C)}(j)}=\sum_{k=1}^{n_2}\delta_{2,n}(k)"
      r"\frac{\partial z_{2,n}(k)}{\partial z_n^{(d,C)}(j)}", cases=(*LAYERED, ANY_2))
def chain_to_layer_2(s):
    slopes = s.z_by_z(s.C)
    truth = [s.sensitivity(0, s.C)]
    lines = [np.tensordot(delta, slopes, 1)
             for delta in (s.sensitivity(0, l=2), s.backward.delta_l[2][0])]
    return Sides(truth=truth * 3, printed=[s.backward.delta_c[s.C][0], *lines],
                 wrong={"the nodes in reverse": [lines[0], lines[1], np.tensordot(
                     s.backward.delta_l[2][0][::-1], slopes, 1)]})


@line("47.1237", "gradient", "The chain as a whole: from an entry of a map to one node of layer 2",
      r"\frac{\partial z_{2,n}(k)}{\partial z_n^{(d,C)}(j)}=\sum_{p'=1}^{P'_c}"
      r"\frac{\partial z_{2,n}(k)}{\partial t_n^{(d,C)}(p')}\frac{\partial t_n^{(d,C)}"
      r"(p')}{\partial z_n^{(d,C)}(j)}=\sum_{p'=1}^{P'_c}\frac{\partial z_{2,n}"
      r"(k)}{\partial t_n^{(d,C)}(p')}\left(\sum_{p\in\Omega_{p'}}\frac{\partial t_n^{(d,C)}"
      r"(p')}{\partial y_n^{(d,C)}(p)}\frac{\partial y_n^{(d,C)}(p)}{\partial z_n^{(d,C)}(j)}"
      r"\right)=\sum_{p'|j\in\Omega_{p'}}\frac{\partial z_{2,n}(k)}{\partial t_n^{(d,C)}(p')}"
      r"\frac{\partial t_n^{(d,C)}(p')}{\partial y_n^{(d,C)}(j)}f'(z_n^{(d,C)}(j))="
      r"\sum_{p'|j\in\Omega_{p'}}w_{i_p',k}^{(1)}\frac{\partial t_n^{(d,C)}"
      r"(p')}{\partial y_n^{(d,C)}(j)}f'(z_n^{(d,C)}(j))",
      cases=LAYERED)
def chain_to_a_node(s):
    W, P, C = s.parameters.W_l[1], s.Pp[s.C], s.C
    t_by_y, f, truth = s.t_by_y(C), s.f_prime(C), s.z_by_z(C)

    def printed(place):
        out = np.zeros(truth.shape, dtype=object)
        for k, d, j in np.ndindex(truth.shape):
            out[k, d, j] = sum(W[k, place(d, p)] * t_by_y[d, p, d, j] * f[d, j]
                               for p, one in enumerate(s.regions[C - 1]) if j in one)
        return out

    return Sides(truth=truth, printed=printed(lambda d, p: d * P + p),
                 wrong={"the map forgotten": printed(lambda d, p: p)})


@line("47.1239", "gradient", "The chain as a whole: the sensitivity of an entry of the last layer",
      r"\delta_n^{(d,C)}(j)=\sum_{k=1}^{n_2}\delta_{2,n}(k)\left(w_{i_p'',k}^{(1)}"
      r"\frac{\partial t_n^{(d,C)}(p'')}{\partial y_n^{(d,C)}(j)}f'(z_n^{(d,C)}(j))\right)"
      r"=f'(z_n^{(d,C)}(j))\left(\sum_{k=1}^{n_2}\delta_{2,n}(k)w_{i_p'',k}^{(1)}\right)"
      r"\frac{\partial t_n^{(d,C)}(p'')}{\partial y_n^{(d,C)}(j)}=f'(z_n^{(d,C)}(j))"
      r"\left((w_{i_p''}^{(1)})^{\mathsf{T}}\delta_{2,n}\right)\frac{\partial t_n^{(d,C)}"
      r"(p'')}{\partial y_n^{(d,C)}(j)}", cases=(*LAYERED, MEAN))
def chain_of_the_last_layer(s):
    first = chain(s, column(s), lambda terms, t, f: sum(x * t * f for x in terms))
    last = chain(s, column(s), lambda terms, t, f: f * sum(terms) * t)
    truth = s.sensitivity(0, s.C)
    return Sides(truth=(truth, truth, truth), printed=(first, last, s.backward.delta_c[s.C][0]),
                 wrong={"the sum not taken": (first, chain(
                     s, column(s), lambda terms, t, f: f * terms[0] * t), last)})
