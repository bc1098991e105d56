#include "tests/xdp/test_run.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <cstring>
#include <vector>

std::string test_run(int program, const std::string& frame, unsigned repeat, bool with_cost) {
  std::vector<unsigned char> bytes;
  for (std::size_t i = 0; i + 1 < frame.size(); i += 2) {
    bytes.push_back(static_cast<unsigned char>(std::stoul(frame.substr(i, 2), nullptr, 16)));
  }
  LIBBPF_OPTS(bpf_test_run_opts, options);
  options.data_in = bytes.data();
  options.data_size_in = static_cast<__u32>(bytes.size());
  options.repeat = static_cast<int>(repeat);
  const int result = ::bpf_prog_test_run_opts(program, &options);
  if (result != 0) return std::strerror(-result);
  const std::string verdict = options.retval == XDP_PASS   ? "pass"
                              : options.retval == XDP_DROP ? "drop"
                                                           : fmt::format("verdict {}", options.retval);
  return with_cost ? fmt::format("{} {}", verdict, options.duration) : verdict;
}
