# Writes reference_glmnet.inc: what glmnet answers on the data of examples/data, for agreement_test.cpp.
#
#     Rscript reference_glmnet.R > reference_glmnet.inc
#
# Run in this directory. Weights are 1 + i mod 5.
suppressMessages(library(glmnet))

load <- function(name) {
  data <- read.csv(file.path("..", "..", "examples", "data", paste0(name, ".csv")))
  target <- data[[ncol(data)]]
  list(x = as.matrix(data[, -ncol(data)]), y = if (is.character(target)) as.integer(factor(target)) - 1 else target)
}

numbers <- function(values) paste0("{", paste(sprintf("%.17g", values), collapse = ", "), "}")

cat(sprintf("// glmnet %s: written by reference_glmnet.R, not by hand.\n", packageVersion("glmnet")))
cat("// data, family, lambda, alpha, standardize, weighted, coefficients, intercept\n// clang-format off\n")
emit <- function(name, family, lambda, alpha, standardize, weighted) {
  d <- load(name)
  weights <- if (weighted) 1 + (seq_along(d$y) - 1) %% 5 else rep(1, length(d$y))
  # A path down to lambda: glmnet's own advice, a single value converges badly.
  fit <- glmnet(d$x, d$y, family = family, weights = weights, alpha = alpha, lambda = lambda * c(64, 16, 4, 2, 1),
                standardize = standardize, thresh = 1e-20, maxit = 1e8)
  cat(sprintf('{"%s", "%s", %.17g, %.17g, %s, %s,\n %s, %s},\n', name, family, lambda, alpha,
              tolower(standardize), tolower(weighted), numbers(fit$beta[, 5]), numbers(fit$a0[5])))
}

for (standardize in c(FALSE, TRUE)) {
  for (weighted in c(FALSE, TRUE)) {
    for (alpha in c(1, 0.3, 0)) emit("diabetes", "gaussian", if (alpha == 0) 20 else 0.5, alpha, standardize, weighted)
    emit("breast_cancer", "binomial", 0.01, 0, standardize, weighted)
  }
}
