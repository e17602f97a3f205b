"""The chains (47.1265), (47.1268) and (47.1272), each as a whole."""


from cnnmat.derivations.sayed.eq1263_1269_weights import (
    every_map,
    ones,
    own_map,
    without_last_unit,
    z_by,
)
from cnnmat.derivations.sayed.setting import ANY_2, BOTH, SMALL, WIDE, line
from cnnmat.verify import Sides


@line("47.1265", "gradient", "The chain for a mask coefficient as a whole",
      r"\frac{\partial\|\gamma_n-y_n\|^2}{\partial w_j^{(d,c)}(s)}=\sum_{d'=1}^{D_c}"
      r"\sum_{p=1}^{P_c}\frac{\partial\|\gamma_n-y_n\|^2}{\partial z_n^{(d',c)}(p)}"
      r"\frac{\partial z_n^{(d',c)}(p)}{\partial w_j^{(d,c)}(s)}=\sum_{p=1}^{P_c}"
      r"\frac{\partial\|\gamma_n-y_n\|^2}{\partial z_n^{(d,c)}(p)}\frac{\partial z_n^{(d,c)}"
      r"(p)}{\partial w_j^{(d,c)}(s)}=\sum_{p=1}^{P_c}\delta_n^{(d,c)}(p)"
      r"\frac{\partial z_n^{(d,c)}(p)}{\partial w_j^{(d,c)}(s)}", cases=(SMALL, WIDE, ANY_2))
def chain_of_a_coefficient(s):
    delta, slopes = s.backward.delta_c[1][0], z_by(s, "W_c", 1)
    truth, first = s.loss_slopes(0, "W_c", 1), every_map(delta, slopes)
    return Sides(truth=(truth, truth), printed=(first, own_map(delta, slopes)),
                 wrong={"without the last unit": (first, own_map(*without_last_unit(delta, slopes)))})


@line("47.1268", "gradient", "By a mask coefficient: the sum and the inner product are one",
      r"\frac{\partial\|\gamma_n-y_n\|^2}{\partial w_j^{(d,c)}(s)}=\sum_{p=1}^{P_c}"
      r"\delta_n^{(d,c)}(p)[H_n^{(j,c-1)}]_{s,p}=[H_n^{(j,c-1)}]_{s,:}\,\delta_n^{(d,c)}",
      cases=(SMALL, *BOTH, ANY_2))
def sum_and_product(s):
    H, delta = s.forward.H_c[0][0], s.backward.delta_c[1][0]
    truth = s.loss_slopes(0, "W_c", 1)
    sums = [[sum(one[p] * row[p] for p in range(s.P[1])) for one in delta] for row in H]
    return Sides(truth=(truth, truth),
                 printed=(sums, [[row @ one for one in delta] for row in H]),
                 wrong={"the rows in reverse": (sums, [[row @ one for one in delta]
                                                       for row in H[::-1]])})


@line("47.1272", "gradient", "The chain for a bias as a whole",
      r"\frac{\partial\|\gamma_n-y_n\|^2}{\partial\theta^{(d,c)}(j)}=\sum_{d'=1}^{D_c}"
      r"\sum_{p=1}^{P_c}\frac{\partial\|\gamma_n-y_n\|^2}{\partial z_n^{(d',c)}(p)}"
      r"\frac{\partial z_n^{(d',c)}(p)}{\partial\theta^{(d,c)}(j)}=\sum_{p=1}^{P_c}"
      r"\frac{\partial\|\gamma_n-y_n\|^2}{\partial z_n^{(d,c)}(p)}\frac{\partial z_n^{(d,c)}"
      r"(p)}{\partial\theta^{(d,c)}(j)}=-\sum_{p=1}^{P_c}\delta_n^{(d,c)}(p)"
      r"=-\mathbf{1}_{P_c}^{\mathsf{T}}\delta_n^{(d,c)}", cases=(SMALL, *BOTH, ANY_2))
def chain_of_a_bias(s):
    delta, slopes = s.backward.delta_c[1][0], z_by(s, "Theta_c", 1)
    truth, first = s.loss_slopes(0, "Theta_c", 1), every_map(delta, slopes)
    last = [[-(ones(1, s.P[1]) @ one)[0] for one in delta]] * s.D[0]
    return Sides(truth=(truth, truth), printed=(first, last),
                 wrong={"plus": (first, [[-x for x in row] for row in last])})
