"""What the commands of lecture mathematics are, and how a terminal shows them."""

__all__ = ["ACCENTS", "ARROWS", "BIG", "BRACKETS", "DOTS", "FONTS", "FUNCTIONS",
           "LETTERS", "MATRICES", "OPERATORS", "RELATIONS", "SAME", "TEXTS", "WORDS"]

#: Letters that are commands.
LETTERS = {
    "\\alpha": "α", "\\beta": "β", "\\gamma": "γ", "\\delta": "δ", "\\epsilon": "ε",
    "\\zeta": "ζ", "\\eta": "η", "\\theta": "θ", "\\iota": "ι", "\\kappa": "κ", "\\lambda": "λ",
    "\\mu": "μ", "\\nu": "ν", "\\xi": "ξ", "\\pi": "π", "\\rho": "ρ", "\\sigma": "σ",
    "\\tau": "τ", "\\upsilon": "υ", "\\phi": "φ", "\\chi": "χ", "\\psi": "ψ", "\\omega": "ω",
    "\\Gamma": "Γ", "\\Delta": "Δ", "\\Theta": "Θ", "\\Lambda": "Λ", "\\Xi": "Ξ", "\\Pi": "Π",
    "\\Sigma": "Σ", "\\Upsilon": "Υ", "\\Phi": "Φ", "\\Psi": "Ψ", "\\Omega": "Ω",
    "\\varepsilon": "ε", "\\vartheta": "ϑ", "\\varphi": "φ", "\\varrho": "ϱ", "\\varsigma": "ς",
    "\\ell": "ℓ", "\\nabla": "∇", "\\infty": "∞", "\\emptyset": "∅", "\\hbar": "ħ",
    "\\Re": "ℜ", "\\Im": "ℑ", "\\square": "□", "\\imath": "ı", "\\jmath": "ȷ",
    "\\top": "⊤",
}
#: What two sides of a statement may have between them.
RELATIONS = {
    "=": "=", "<": "<", ">": ">", "\\le": "≤", "\\ge": "≥", "\\ne": "≠", "\\triangleq": "≜",
    ":=": ":=", "\\equiv": "≡", "\\approx": "≈", "\\propto": "∝", "\\in": "∈", "\\notin": "∉",
    "\\ni": "∋", "\\subset": "⊂", "\\subseteq": "⊆", "\\supset": "⊃", "\\supseteq": "⊇",
    "\\ll": "≪", "\\gg": "≫", "\\sim": "∼", "\\simeq": "≃", "\\cong": "≅", "\\perp": "⊥",
}
#: The same between statements; they bind less.
ARROWS = {
    "\\to": "→", "\\mapsto": "↦", "\\leftarrow": "←", "\\leftrightarrow": "↔",
    "\\Rightarrow": "⇒", "\\Leftarrow": "⇐", "\\iff": "⇔", "\\longrightarrow": "⟶",
    "\\xrightarrow": "→", "\\rightleftharpoons": "⇌",
}
OPERATORS = {
    "\\cdot": "·", "\\times": "×", "\\otimes": "⊗", "\\odot": "⊙", "*": "*", "\\star": "⋆",
    "\\circledast": "⊛", "\\circ": "∘", "/": "/", "\\div": "÷", "\\oplus": "⊕", "\\cap": "∩",
    "\\cup": "∪", "\\setminus": "∖", "\\wedge": "∧", "\\vee": "∨", "\\bmod": "mod", "\\bullet": "•",
}
BIG = {
    "\\sum": "Σ", "\\prod": "∏", "\\int": "∫", "\\bigcup": "⋃", "\\bigcap": "⋂",
    "\\bigoplus": "⨁", "\\bigotimes": "⨂", "\\bigwedge": "⋀", "\\bigvee": "⋁",
}
DOTS = {"\\dots": "…", "\\ldots": "…", "\\cdots": "⋯", "\\vdots": "⋮", "\\ddots": "⋱",
        "..": "..", "...": "…"}
#: Opening brackets with those that close them, and how both are shown.
BRACKETS = {
    "(": ")", "[": "]", "\\{": "\\}", "|": "|", "\\|": "\\|", "\\lceil": "\\rceil",
    "\\lfloor": "\\rfloor", "\\langle": "\\rangle", "\\lvert": "\\rvert", "\\lVert": "\\rVert",
    "\\lbrace": "\\rbrace",
}
FUNCTIONS = {
    "max", "min", "sup", "inf", "exp", "log", "ln", "lg", "sin", "cos", "tan", "sinh", "cosh",
    "tanh", "arg", "det", "dim", "ker", "deg", "gcd", "lim", "limsup", "liminf", "Pr",
    "arcsin", "arccos", "arctan",
}
#: Commands whose argument is words, an upright name, or a letter in another form.
TEXTS = {"\\text", "\\mbox", "\\textnormal", "\\textbf", "\\textit"}
WORDS = {"\\mathrm", "\\operatorname", "\\operatorname*", "\\textrm", "\\mathop", "\\texttt",
         "\\mathtt"}
FONTS = {"\\mathcal", "\\mathbf", "\\boldsymbol", "\\bm", "\\mathbb", "\\mathsf", "\\mathfrak",
         "\\mathscr", "\\mathit"}
ACCENTS = {"\\tilde": "\u0303", "\\hat": "\u0302", "\\bar": "\u0304", "\\overline": "\u0304",
           "\\widetilde": "\u0303", "\\widehat": "\u0302", "\\dot": "\u0307", "\\ddot": "\u0308",
           "\\vec": "\u20d7", "\\check": "\u030c"}
MATRICES = {
    "matrix": "", "bmatrix": "[]", "pmatrix": "()", "vmatrix": "||", "Vmatrix": "‖‖",
    "Bmatrix": "{}", "smallmatrix": "", "array": "", "cases": "{", "aligned": "", "alignedat": "",
    "split": "", "gathered": "",
}
#: Other names of the same.
SAME = {
    "\\leq": "\\le", "\\leqslant": "\\le", "\\geq": "\\ge", "\\geqslant": "\\ge",
    "\\neq": "\\ne", "\\gets": "\\leftarrow", "\\rightarrow": "\\to", "\\implies": "\\Rightarrow",
    "\\Leftrightarrow": "\\iff", "\\Longrightarrow": "\\Rightarrow", "\\land": "\\wedge",
    "\\lor": "\\vee", "\\ast": "*", "\\lbrace": "\\{", "\\rbrace": "\\}", "\\lVert": "\\|",
    "\\rVert": "\\|", "\\Vert": "\\|", "\\lvert": "|", "\\rvert": "|", "\\vert": "|",
    "\\lbrack": "[", "\\rbrack": "]", "\\sharp": "\\#", "\\intercal": "\\top",
    "\\dotsc": "\\dots", "\\dotsb": "\\dots",
    "\\coloneqq": ":=", "\\colon": ":", "\\widetilde": "\\tilde", "\\widehat": "\\hat",
    "\\overline": "\\bar", "\\bm": "\\boldsymbol", "\\dfrac": "\\frac", "\\tfrac": "\\frac",
    "\\cfrac": "\\frac", "−": "-", "·": "\\cdot", "×": "\\times", "⊗": "\\otimes", "⊙": "\\odot",
    "≤": "\\le", "≥": "\\ge", "≠": "\\ne", "∈": "\\in", "≜": "\\triangleq", "∂": "\\partial",
    "Σ": "\\sum", "→": "\\to", "…": "\\dots", "‖": "\\|", "ℓ": "\\ell", "∞": "\\infty",
}
