# Writes reference_distributions.inc: what R answers, for distributions_test.cpp.
#
#     Rscript reference_distributions.R > reference_distributions.inc
emit <- function(name, first, second, at, value) {
  keep <- is.finite(value) & value > 1e-300
  cat(sprintf('{"%s", %.17g, %.17g, %.17g, %.17g},\n', name, first, second, at, value)[keep], sep = "")
}

cat(sprintf("// R %s: written by reference_distributions.R, not by hand.\n", getRversion()))
cat("// function, degrees of freedom (numerator, denominator), argument, value\n// clang-format off\n")
z <- c(-3, -0.5, 1e-10, 0.1, 0.5, 1, 2, 5, 10, 20, 30, 37)
emit("normal survival", 0, 0, z, pnorm(z, lower.tail = FALSE))
p <- c(1e-300, 1e-20, 0.001, 0.005, 0.025, 0.2, 0.25, 0.3, 0.499, 0.7, 0.999)
emit("normal quantile", 0, 0, p, qnorm(p, lower.tail = FALSE))
for (df in c(1, 1.5, 2, 5, 30, 433, 1e4, 1e6)) {
  t <- c(-1, -0.01, 1e-6, 0.1, 0.9, 1.5, 1.8, 2.5, 6, 12, 25, 37, 1e3, 1e9, 1e15)
  emit("t survival", df, 0, t, pt(t, df, lower.tail = FALSE))
  emit("t quantile", df, 0, p[-1], qt(p[-1], df, lower.tail = FALSE))
  f <- c(1e-8, 0.01, 0.5, 0.99, 1, 1.05, 2, 10, 100, 1e4, 1e12)
  for (numerator in c(1, 2, 7, 100, 1e6)) {
    emit("F survival", numerator, df, f, pf(f, numerator, df, lower.tail = FALSE))
    emit("F cdf", numerator, df, f, pf(f, numerator, df))
  }
}
