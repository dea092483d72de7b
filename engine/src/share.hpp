// Work shared out over threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace rules {

constexpr size_t kRowsAtATime = 32;  // a thread takes so many, then asks for more

// Calls work(begin, end) for parts of [0, count), of `grain` each; rethrows the error of the first part that failed.
template <class Work> void share(size_t count, int threads, Work work, size_t grain = kRowsAtATime) {
    const size_t parts = (count + grain - 1) / grain;
    std::atomic<size_t> next{0};
    std::exception_ptr error;
    size_t failed = parts;
    std::mutex guard;
    const auto run = [&] {
        for (size_t part; (part = next.fetch_add(1)) < parts;) {
            try {
                work(part * grain, std::min(count, (part + 1) * grain));
            } catch (...) {
                const std::lock_guard<std::mutex> lock(guard);
                if (part < failed) {
                    failed = part;
                    error = std::current_exception();
                }
            }
        }
    };
    std::vector<std::thread> helpers;
    for (size_t i = 1; i < std::min<size_t>(static_cast<size_t>(std::max(threads, 1)), parts); ++i) helpers.emplace_back(run);
    run();
    for (auto& helper : helpers) helper.join();
    if (error) std::rethrow_exception(error);
}

}  // namespace rules
