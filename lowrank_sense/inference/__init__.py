"""What the data can tell: scale, isometry bound, noise, certificates and rank."""
