# Writes reference_cv_glmnet.inc: what cv.glmnet finds on the diabetes data, for cross_validation_test.cpp.
#
#     Rscript reference_cv_glmnet.R > reference_cv_glmnet.inc
#
# Run in this directory. Fold f holds the rows i with i mod 5 = f (from 0), weights are 1 + i mod 5. The columns of X are
# not standardised.
suppressMessages(library(glmnet))

data <- read.csv(file.path("..", "..", "examples", "data", "diabetes.csv"))
x <- as.matrix(data[, -ncol(data)])
y <- data[[ncol(data)]]
i <- seq_along(y) - 1
numbers <- function(values) paste0("{", paste(sprintf("%.17g", values), collapse = ", "), "}")

cat(sprintf("// glmnet %s: written by reference_cv_glmnet.R, not by hand.\n", packageVersion("glmnet")))
cat("// weighted, lambdas, cvm, cvsd, lambda.min, lambda.1se, largest lambda of the grid for alpha 1 and 0\n")
cat("// clang-format off\n")
for (weighted in c(FALSE, TRUE)) {
  weights <- if (weighted) 1 + i %% 5 else rep(1, length(y))
  lambda <- 30 * 0.5^(0:14)
  cv <- cv.glmnet(x, y, weights = weights, lambda = lambda, foldid = i %% 5 + 1, standardize = FALSE, thresh = 1e-20,
                  maxit = 1e8)
  largest <- sapply(c(1, 0), function(alpha) {
    glmnet(x, y, weights = weights, alpha = alpha, standardize = FALSE)$lambda[1]
  })
  cat(sprintf("{%s,\n %s,\n %s,\n %s,\n %.17g, %.17g, %.17g, %.17g},\n", tolower(weighted), numbers(cv$lambda),
              numbers(cv$cvm), numbers(cv$cvsd), cv$lambda.min, cv$lambda.1se, largest[1], largest[2]))
}
cat("// clang-format on\n")
