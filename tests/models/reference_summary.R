# Writes reference_summary.inc: what R's summary and confint answer on the data of examples/data, for summary_test.cpp.
#
#     Rscript reference_summary.R > reference_summary.inc
#
# Run in this directory. Weights are 1 + i mod 5, where i mod 7 = 3 they are zero. `columns`: the first ones are used.
# Multinomial: the classes of diabetes are progression below 100, below 200 and the rest; R has no softmax of its own, so
# the Poisson model with a factor for each sample, whose likelihood it is (Baker, 1994).
load <- function(name, columns) {
  data <- read.csv(file.path("..", "..", "examples", "data", paste0(name, ".csv")))
  target <- data[[ncol(data)]]
  n <- nrow(data)
  weights <- ifelse((seq_len(n) - 1) %% 7 == 3, 0, 1 + (seq_len(n) - 1) %% 5)
  list(x = as.matrix(data[, seq_len(columns)]), weights = weights,
       y = if (is.character(target)) as.integer(factor(target)) - 1 else target)
}

numbers <- function(values) {
  text <- sprintf("%.17g", values)
  paste0("{", paste(text, collapse = ", "), "}")
}

# By coefficients, intercept first: estimate, standard error, statistic, p value, lower and upper 95 % limits.
table <- function(fit) cbind(coef(summary(fit)), confint.default(fit))

emit <- function(kind, name, columns, intercept, weighted, coefficients, whole) {
  cat(sprintf('{"%s", "%s", %d, %s, %s,\n %s,\n %s},\n', kind, name, columns, tolower(intercept), tolower(weighted),
              numbers(t(coefficients)), numbers(whole)))
}

cat(sprintf("// R %s: written by reference_summary.R, not by hand.\n", getRversion()))
cat("// kind, data, columns, intercept, weighted, coefficients (estimate, error, statistic, p, lower, upper), the rest:\n")
cat("// linear: n, residual df, sigma, R2, adjusted R2, F, p of F, log likelihood, AIC, BIC\n")
cat("// binomial: n, residual df, null deviance, deviance, AIC, BIC\n// multinomial: log likelihood\n// clang-format off\n")

linear <- function(name, columns, intercept, weighted) {
  d <- load(name, columns)
  weights <- if (weighted) d$weights else rep(1, length(d$y))
  fit <- if (intercept) lm(d$y ~ d$x, weights = weights) else lm(d$y ~ d$x - 1, weights = weights)
  s <- summary(fit)
  f <- s$fstatistic
  emit("linear", name, columns, intercept, weighted, cbind(coef(s), confint(fit)),
       c(nobs(fit), fit$df.residual, s$sigma, s$r.squared, s$adj.r.squared, f[1],
         pf(f[1], f[2], f[3], lower.tail = FALSE), logLik(fit), AIC(fit), BIC(fit)))
}

binomial_fit <- function(name, columns, intercept, weighted) {
  d <- load(name, columns)
  weights <- if (weighted) d$weights else rep(1, length(d$y))
  control <- glm.control(epsilon = 1e-15, maxit = 100)
  fit <- suppressWarnings(if (intercept) glm(d$y ~ d$x, binomial, weights = weights, control = control)
                          else glm(d$y ~ d$x - 1, binomial, weights = weights, control = control))
  emit("binomial", name, columns, intercept, weighted, table(fit),
       c(nobs(fit), fit$df.residual, fit$null.deviance, fit$deviance, AIC(fit),
         fit$deviance + fit$rank * log(nobs(fit))))  # BIC(fit) counts samples of zero weight
}

multinomial <- function(name, columns, intercept, weighted) {
  d <- load(name, columns)
  present <- if (weighted) which(d$weights > 0) else seq_along(d$y)
  class <- cut(d$y, c(-Inf, 99.5, 199.5, Inf), labels = FALSE)
  n <- length(present)
  id <- factor(rep(present, 3))
  k <- rep(1:3, each = n)
  row <- rep(present, 3)
  x <- cbind(if (intercept) 1, d$x[row, ])
  terms <- cbind(x * (k == 2), x * (k == 3))
  colnames(terms) <- seq_len(ncol(terms))  # confint goes by names
  count <- (class[row] == k) * (if (weighted) d$weights[row] else 1)
  fit <- glm(count ~ id - 1 + terms, poisson, control = glm.control(epsilon = 1e-14, maxit = 100))
  wanted <- grepl("^terms", names(coef(fit)))
  p <- matrix(fitted(fit), n)
  w <- rowSums(p)
  emit("multinomial", name, columns, intercept, weighted, table(fit)[wanted, ],
       sum(w * log(p[cbind(seq_len(n), class[present])] / w)))
}

for (weighted in c(FALSE, TRUE)) {
  for (intercept in c(TRUE, FALSE)) {
    linear("longley", 6, intercept, weighted)
    linear("diabetes", 10, intercept, weighted)
    binomial_fit("breast_cancer", 4, intercept, weighted)
    multinomial("diabetes", 4, intercept, weighted)
  }
}
