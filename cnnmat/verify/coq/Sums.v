(* Sums over finite types with 0/1 factors: what the proofs of the exported theorems are made of.
   The theorems themselves use nothing of this file but mathcomp. *)
From mathcomp Require Import all_ssreflect all_algebra.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

Section Rules.
Variable R : comRingType.
Implicit Types I J : finType.

Lemma trueE : (true%:R : R) = 1. Proof. by []. Qed.
Lemma falseE : (false%:R : R) = 0. Proof. by []. Qed.

Lemma oneE : ((Posz 1)%:~R : R) = 1. Proof. by []. Qed.
Lemma negE n : ((Negz n)%:~R : R) = - n.+1%:R. Proof. by []. Qed.

(* a sum in which one entry alone is not 0 *)
Lemma sum_only I (a : I) (F : I -> R) b :
  (forall i, i != a -> F i = 0) -> F a = b -> \sum_(i : I) F i = b.
Proof. by move=> zero <-; rewrite (bigD1 a) //= big1 ?addr0. Qed.

(* a sum of equal numbers *)
Lemma sum_equal I (c : R) : \sum_(i : I) c = #|I|%:R * c.
Proof. by rewrite sumr_const mulr_natl. Qed.

Lemma exchange I J (F : I -> J -> R) :
  \sum_(i : I) \sum_(j : J) F i j = \sum_(j : J) \sum_(i : I) F i j.
Proof. exact: exchange_big. Qed.

(* another index, by a bijection *)
Lemma sum_along I J (f : I -> J) (g : J -> I) (F : I -> R) :
  cancel f g -> cancel g f -> \sum_(i : I) F i = \sum_(j : J) F (g j).
Proof. by move=> fK gK; rewrite (reindex g) //; exists f => i _; [apply: gK | apply: fK]. Qed.

Lemma scaled_sum I (c : R) (F : I -> R) : c * (\sum_(i : I) F i) = \sum_(i : I) c * F i.
Proof. exact: mulr_sumr. Qed.

(* a bijection moves over to the other side of a delta *)
Lemma move_left (I J : eqType) (f : I -> J) (g : J -> I) x y :
  cancel f g -> cancel g f -> (f x == y) = (x == g y).
Proof. by move=> fK gK; apply/eqP/eqP => [<-|->]; rewrite ?fK ?gK. Qed.
Lemma move_right (I J : eqType) (f : I -> J) (g : J -> I) x y :
  cancel f g -> cancel g f -> (y == f x) = (x == g y).
Proof. by move=> fK gK; rewrite eq_sym (move_left _ _ fK gK). Qed.

(* whole combinations of atoms, the last addend first *)
Fixpoint comb (x : nat -> R) (l : seq (int * nat)) : R :=
  if l is (c, k) :: l' then comb x l' + c%:~R * x k else 0.
Fixpoint count (k : nat) (l : seq (int * nat)) : int :=
  if l is (c, j) :: l' then count k l' + (if j == k then c else 0) else 0.
Definition alike (n : nat) (l r : seq (int * nat)) : bool :=
  [&& all (fun a => a.2 < n)%N l, all (fun a => a.2 < n)%N r
    & all (fun k => count k l == count k r) (iota 0 n)].
Lemma combE x n l : all (fun a => a.2 < n)%N l ->
  comb x l = \sum_(k < n) (count k l)%:~R * x k.
Proof.
elim: l => [_|[c k] l IH] /=; first by rewrite big1 // => k _; rewrite mul0r.
case/andP => lt /IH ->; rewrite -{1}[k]/(nat_of_ord (Ordinal lt)).
have -> : c%:~R * x (Ordinal lt) = \sum_(j < n) (if k == j then c else 0)%:~R * x j.
  rewrite (sum_only (a := Ordinal lt) (b := c%:~R * x k)) //= ?eqxx // => j ne.
  by case: eqP => [e|_]; rewrite ?mul0r //; case/eqP: ne; apply: val_inj.
by rewrite -big_split /=; apply: eq_bigr => j _; rewrite intrD mulrDl.
Qed.
Lemma combs_alike x n l r : alike n l r -> comb x l = comb x r.
Proof.
case/and3P => ll lr /allP same; rewrite (combE x ll) (combE x lr).
apply: eq_bigr => k _; have /same/eqP -> // : nat_of_ord k \in iota 0 n.
by rewrite mem_iota ltn_ord.
Qed.
Lemma comb_one x c k a : a = c%:~R * x k -> a = comb x [:: (c, k)].
Proof. by move=> ->; rewrite /= add0r. Qed.
Lemma comb_more x c k a b l : a = comb x l -> b = c%:~R * x k -> a + b = comb x ((c, k) :: l).
Proof. by move=> -> ->. Qed.
End Rules.
