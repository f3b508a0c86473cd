// Correct digits of least squares on NIST's Statistical Reference Datasets: aprender's, and those of Eigen's
// decompositions of the design as it is. Each cell: of the coefficients / of their standard errors, at most 15. The
// last column: those of the coefficients that exact arithmetic gives for the data as doubles, which is all that can be
// had.

#include <cstdio>

#include <Eigen/SVD>

#include "models/nist.hpp"

int main() {
  using namespace aprender::test;
  std::printf("%-9s %3s %2s %9s  %-12s %-12s %-13s %-13s %-13s %s\n", "data", "n", "p", "condition", "solver",
              "aprender", "HouseholderQR", "ColPivQR", "LLT of X'X", "exact");
  for (const NistDataSet& data : nist_data_sets()) {
    const Eigen::MatrixXd design = data.design();
    const Eigen::VectorXd singular = Eigen::JacobiSVD<Eigen::MatrixXd>(design).singularValues();
    const NistAnswer ours = aprender_answer(data);
    std::printf("%-9s %3td %2td %9.1e  %-12s", data.name.c_str(), design.rows(), design.cols(),
                singular(0) / singular(singular.size() - 1), ours.solver.c_str());
    for (const NistAnswer& answer :
         {ours, qr_answer<Eigen::HouseholderQR<Eigen::MatrixXd>>(data),
          qr_answer<Eigen::ColPivHouseholderQR<Eigen::MatrixXd>>(data), normal_equations_answer(data)}) {
      std::printf(" %4.1f / %4.1f ", answer.coefficient_digits(data), answer.standard_error_digits(data));
    }
    std::printf(" %4.1f\n", exact_digits(data));
  }
}
