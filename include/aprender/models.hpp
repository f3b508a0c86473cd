/// The five estimators, their models, metrics and summaries; needs Eigen and nothing else.
#pragma once

#include "aprender/cross_validation.hpp"
#include "aprender/distributions.hpp"
#include "aprender/elastic_net.hpp"
#include "aprender/fitted.hpp"
#include "aprender/lasso.hpp"
#include "aprender/linear_regression.hpp"
#include "aprender/logistic_regression.hpp"
#include "aprender/metrics.hpp"
#include "aprender/model_selection.hpp"
#include "aprender/path.hpp"
#include "aprender/ridge.hpp"
#include "aprender/summary.hpp"
