"""What the data can tell: scale, isometry, noise, certificates and rank."""
