/// The five estimators, their models and metrics; needs Eigen and nothing else.
#pragma once

#include "aprender/elastic_net.hpp"
#include "aprender/fitted.hpp"
#include "aprender/lasso.hpp"
#include "aprender/linear_regression.hpp"
#include "aprender/logistic_regression.hpp"
#include "aprender/metrics.hpp"
#include "aprender/model_selection.hpp"
#include "aprender/ridge.hpp"
