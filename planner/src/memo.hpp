// Scores of positions judged before: many joint actions end in the same one.
#pragma once

#include <array>
#include <atomic>
#include <cstring>
#include <memory>

#include "places.hpp"

namespace planning {

using namespace rules;

using Scores = std::array<float, kPowers>;

// One entry for each slot, the latest.  Threads share it without locks: an entry's check is its key exclusive-or its words,
// so that one half written by another thread is taken for none (R. Hyatt and T. Mann 2002, "A lock-less transposition table
// implementation for parallel search chess engines").
class Memo {
public:
    bool find(uint64_t key, Scores& scores) const {
        const Entry& entry = entries_[key % kSlots];
        Words words;
        uint64_t check = entry.check.load(std::memory_order_relaxed);
        for (size_t i = 0; i < kWords; ++i) check ^= words[i] = entry.words[i].load(std::memory_order_relaxed);
        if (check != key) return false;
        std::memcpy(scores.data(), words.data(), sizeof(Scores));
        return true;
    }

    void keep(uint64_t key, const Scores& scores) {
        Entry& entry = entries_[key % kSlots];
        Words words{};
        std::memcpy(words.data(), scores.data(), sizeof(Scores));
        for (size_t i = 0; i < kWords; ++i) {
            entry.words[i].store(words[i], std::memory_order_relaxed);
            key ^= words[i];
        }
        entry.check.store(key, std::memory_order_relaxed);
    }

private:
    static constexpr size_t kSlots = size_t{1} << 16;  // some searches of one position; 2.5 MB
    static constexpr size_t kWords = (sizeof(Scores) + 7) / 8;
    using Words = std::array<uint64_t, kWords>;

    struct Entry {
        std::atomic<uint64_t> check{0};
        std::array<std::atomic<uint64_t>, kWords> words{};
    };

    std::unique_ptr<Entry[]> entries_{new Entry[kSlots]};
};

}  // namespace planning
