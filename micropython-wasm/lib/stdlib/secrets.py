raise NotImplementedError(
    "secrets: random numbers of this sandbox follow from its seed and protect nothing; use random, or have the host provide secrets"
)
